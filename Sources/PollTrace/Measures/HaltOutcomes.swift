/// What became of halts, by how long they lasted.
package struct HaltOutcomes: Hashable, Sendable {
  package enum Outcome: Int, Hashable, Sendable, CaseIterable {
    /// The wake-up came while the vCPU polled.
    case polled
    /// The poll ran out, and the vCPU slept.
    case ranOut
    /// The poll ended before its window: another task wanted the CPU.
    case abandoned
    /// The vCPU slept without a poll: its window was closed, or it was not allowed to poll.
    case slept
    /// The vCPU slept; whether it polled before is not known.
    case unknown
  }

  /// By outcome and band; empty where nothing was counted.
  private var counts: [UInt64] = []

  package init() {}

  /// Counts a halt whose length is of `band`.
  @inline(__always)
  mutating func add(_ windowed: WindowedHalt, in band: Int) {
    add(outcome(of: windowed), in: band)
  }

  /// Counts a guest's idle time: what became of it the events themselves tell.
  mutating func add(_ limited: LimitedIdle, in band: Int) {
    let idle = limited.idle
    add(idle.halted == nil ? .polled : idle.poll == nil ? .slept : .ranOut, in: band)
  }

  @inline(__always)
  private mutating func add(_ outcome: Outcome, in band: Int) {
    if counts.isEmpty {
      counts = Array(repeating: 0, count: Outcome.allCases.count * BlockBands.count)
    }
    counts[outcome.rawValue * BlockBands.count + band] &+= 1
  }

  private func outcome(of windowed: WindowedHalt) -> Outcome {
    if windowed.halt.ending == .polled { return .polled }
    switch windowed.pollEnd {
    case .notAttempted: return .slept
    // Without a decision the poll ended before the window did, which none other than another task does.
    case .failed: return windowed.halt.decision == nil ? .abandoned : .ranOut
    case .abandoned: return .abandoned
    case .success, nil: return .unknown
    }
  }

  /// Adds the counts of another vCPU.
  package mutating func merge(_ other: HaltOutcomes) {
    if counts.isEmpty {
      counts = other.counts
    } else {
      for index in other.counts.indices { counts[index].add(other.counts[index]) }
    }
  }

  /// How many halts of `band` had `outcome`.
  package func count(of outcome: Outcome, in band: Int) -> UInt64 {
    counts.isEmpty ? 0 : counts[outcome.rawValue * BlockBands.count + band]
  }

  /// How many halts of `band` there are.
  package func count(in band: Int) -> UInt64 {
    Outcome.allCases.reduce(0) { $0 + count(of: $1, in: band) }
  }

  /// How many had `outcome`.
  package func count(of outcome: Outcome) -> UInt64 {
    (0..<BlockBands.count).reduce(0) { $0 + count(of: outcome, in: $1) }
  }

  /// From the first band that holds a halt to the last; nil where there is none.
  package var bands: ClosedRange<Int>? {
    let used = (0..<BlockBands.count).filter { count(in: $0) > 0 }
    guard let first = used.first, let last = used.last else { return nil }
    return first...last
  }
}
