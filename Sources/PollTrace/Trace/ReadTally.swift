/// What reading counted; tallies of several sources add up.
package struct ReadTally: Hashable, Sendable {
  /// Events of every kind, also those not handed over.
  package var events: UInt64 = 0
  /// The same by CPU, of formats that have each CPU's by themselves.
  package var eventsOfCPU: [CPU: UInt64] = [:]
  /// The first event's time and the last one's, of every kind; nil where there was none.
  package var first: Timestamp?
  package var last: Timestamp?
  /// Lost events by CPU, as far as counted.
  package var lost: [CPU: UInt64] = [:]
  /// Lost events that were counted for all CPUs together.
  package var lostOnAnyCPU: UInt64 = 0
  /// Places where events were lost and nobody counted how many.
  package var uncountedLosses: UInt64 = 0
  /// Events that the recorder counted and that are not in the file, by CPU; nil for any.
  package var absent: [CPU?: UInt64] = [:]
  /// Damage met while reading.
  package var ledger = Ledger()

  package init() {}

  /// Counts events that were lost on `cpu`.
  package mutating func lose(_ count: UInt64, on cpu: CPU) {
    lost[cpu] = (lost[cpu] ?? 0).plus(count)
  }

  /// Adds what another source counted.
  package mutating func merge(_ other: Self) {
    events = events.plus(other.events)
    eventsOfCPU.merge(other.eventsOfCPU) { $0.plus($1) }
    first = [first, other.first].compactMap(\.self).min()
    last = [last, other.last].compactMap(\.self).max()
    lost.merge(other.lost) { $0.plus($1) }
    lostOnAnyCPU = lostOnAnyCPU.plus(other.lostOnAnyCPU)
    uncountedLosses = uncountedLosses.plus(other.uncountedLosses)
    absent.merge(other.absent) { $0.plus($1) }
    ledger.merge(other.ledger)
  }
}
