/// What reading a slice counted; tallies of slices add up.
package struct ReadTally: Hashable, Sendable {
  /// Events of every kind in the slice, also those not handed over.
  package var events: UInt64 = 0
  /// The first event's time and the last one's, of every kind; nil where there was none.
  package var first: Timestamp?
  package var last: Timestamp?
  /// Lost events by CPU, as far as counted.
  package var lost: [CPU: UInt64] = [:]
  /// Lost events that were counted for all CPUs together.
  package var lostOnAnyCPU: UInt64 = 0
  /// Places where events were lost and nobody counted how many.
  package var uncountedLosses: UInt64 = 0
  /// Damage met while reading.
  package var ledger = Ledger()

  package init() {}

  /// Adds what another slice counted.
  package mutating func merge(_ other: Self) {
    events += other.events
    first = [first, other.first].compactMap(\.self).min()
    last = [last, other.last].compactMap(\.self).max()
    lost.merge(other.lost) { $0.plus($1) }
    lostOnAnyCPU = lostOnAnyCPU.plus(other.lostOnAnyCPU)
    uncountedLosses += other.uncountedLosses
    ledger.merge(other.ledger)
  }
}
