/// All that a report says of one guest CPU's idle times, or of several CPUs together: figures add up.
package struct IdleFigures: Hashable, Sendable {
  /// The time that the figures are about, summed over CPUs; nil where the clock is not time.
  package var time: Nanoseconds?
  /// Idle times that ended while polling, and that ended in a halt.
  package private(set) var polled: UInt64 = 0
  package private(set) var halted: UInt64 = 0
  /// Halts that ended without a task to run: an interrupt woke nobody.
  package private(set) var idleWakes: UInt64 = 0
  package private(set) var grows: UInt64 = 0
  package private(set) var shrinks: UInt64 = 0
  /// How long polls lasted, those that met their event and those that ran out.
  package private(set) var poll = Histogram()
  package private(set) var successTime = Nanoseconds.zero
  package private(set) var failTime = Nanoseconds.zero
  /// How long halts lasted, and idle times as a whole.
  package private(set) var halt = Histogram()
  package private(set) var idle = Histogram()
  /// From another CPU's interrupt to the halt's end.
  package private(set) var wakeLatency = Histogram()
  package var windows = WindowShares()
  package private(set) var fidelity = LimitFidelity()
  /// The same by the rules of kernels with the backport, or without it.
  private(set) var fidelityOfOther = LimitFidelity()
  /// Idle times whose limit is not known.
  package private(set) var unknownLimits: UInt64 = 0
  /// Idle times under a limit above the maximum that holds: that of a setting before, which stays until a poll runs out.
  package private(set) var aboveMaximum: UInt64 = 0
  /// Gaps in which events of these CPUs may be lost: those that the trace marks, and those that only the
  /// limits show.
  package var gaps: UInt64 = 0
  package var gapsShown: UInt64 = 0

  package init() {}

  package var idles: UInt64 { polled.plus(halted) }
  /// Polls that were begun.
  package var polls: UInt64 { poll.count }

  /// Counts an idle time of `cpu`.
  mutating func add(_ limited: LimitedIdle, of cpu: CPU) {
    let idle = limited.idle
    self.idle.add(idle.length)
    if let length = idle.poll {
      poll.add(length)
      if idle.halted == nil { successTime += length } else { failTime += length }
    }
    if let length = idle.halt {
      halted += 1
      halt.add(length)
      if idle.hasWork == false { idleWakes += 1 }
    } else {
      polled += 1
    }
    if let latency = idle.wakeLatency { wakeLatency.add(latency) }
    switch idle.decision?.move {
    case .grow: grows += 1
    case .shrink: shrinks += 1
    case nil: break
    }
    if let limit = limited.limit, let next = limited.next {
      if limit > limited.parameters.most { aboveMaximum += 1 }
      windows.add(limit, from: idle.began, then: next, at: idle.ended)
    } else {
      unknownLimits += 1
      windows.close()
    }
  }

  /// Counts the check of an idle time, which may be outside of the times that are asked for.
  mutating func check(_ limited: LimitedIdle, of cpu: CPU) {
    fidelity.add(limited, limited.check, of: cpu)
    fidelityOfOther.add(limited, limited.checkOfOther, of: cpu)
  }

  /// Takes the other rules' checks for its own.
  package mutating func adoptOtherRules() { swap(&fidelity, &fidelityOfOther) }

  /// Whether the other rules explain what these do not.
  package var othersFitBetter: Bool {
    fidelity.contradicted > 0 && fidelityOfOther.contradicted == 0 && fidelity.recorded > 0
  }

  /// Counts from nothing from `begin` on; what was checked stays.
  mutating func beginAnew(at begin: Timestamp) {
    var next = IdleFigures()
    (next.fidelity, next.fidelityOfOther) = (fidelity, fidelityOfOther)
    next.windows = windows
    next.windows.beginAnew(at: begin)
    self = next
  }

  /// Adds another CPU's figures.
  package mutating func merge(_ other: IdleFigures) {
    time = time.flatMap { mine in other.time.map { mine + $0 } }
    polled = polled.plus(other.polled)
    halted = halted.plus(other.halted)
    idleWakes = idleWakes.plus(other.idleWakes)
    grows = grows.plus(other.grows)
    shrinks = shrinks.plus(other.shrinks)
    poll.merge(other.poll)
    successTime += other.successTime
    failTime += other.failTime
    halt.merge(other.halt)
    idle.merge(other.idle)
    wakeLatency.merge(other.wakeLatency)
    windows.merge(other.windows)
    fidelity.merge(other.fidelity)
    fidelityOfOther.merge(other.fidelityOfOther)
    unknownLimits = unknownLimits.plus(other.unknownLimits)
    aboveMaximum = aboveMaximum.plus(other.aboveMaximum)
    gaps = gaps.plus(other.gaps)
    gapsShown = gapsShown.plus(other.gapsShown)
  }

  /// The figures of several CPUs together.
  package init(totalOf parts: some Sequence<IdleFigures>) {
    time = .zero
    for part in parts { merge(part) }
  }
}

extension IdleFigures {
  /// Idle times in a second; nil without time.
  package var idlesPerSecond: Double? {
    time.flatMap { $0 == 0 ? nil : Double(idles) / Double($0.rawValue) * 1e9 }
  }

  /// The share of a CPU that `spent` is, over the CPUs' time; nil without time.
  package func share(_ spent: Nanoseconds) -> Double? {
    time.flatMap { $0 == 0 ? nil : Double(spent.rawValue) / Double($0.rawValue) }
  }
}
