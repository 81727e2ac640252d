/// All that a report says of one vCPU's halts, or of several vCPUs together: figures add up.
package struct Figures: Hashable, Sendable {
  package var measures = VCPUMeasures()
  package var account = PollAccount()
  /// KVM's counters, of several vCPUs their sum.
  package private(set) var kernelCounters = KernelCounters()
  package var fidelity = Fidelity()
  package var windows = WindowShares()
  /// The time that the figures are about, summed over vCPUs; nil where the clock is not time.
  package var time: Nanoseconds?
  /// Halts whose window followed from the rules alone, and whose window is unknown.
  package var inferredWindows: UInt64 = 0
  package var unknownWindows: UInt64 = 0
  /// Gaps in which events of these vCPUs may be lost.
  package var gaps: UInt64 = 0
  /// Those of them that the trace does not mark: only the windows show them.
  package var gapsShown: UInt64 = 0
  package var decisionsWithoutWakeup: UInt64 = 0
  /// Whether the trace has the decisions: else windows, moves and failed polls are not known.
  package var decisionsAreRecorded = true
  /// Whether the trace has the wake-ups: else halts, and what they cost, are not known.
  package var wakeupsAreRecorded = true

  package init() {}

  /// The figures of one finished track over `time`.
  package init(_ track: VCPUTrack, over time: Nanoseconds?, decisionsAreRecorded: Bool = true) {
    measures = track.measures
    // The kernel moved the window at these as well.
    measures.grows.add(track.lone.grows)
    measures.shrinks.add(track.lone.shrinks)
    account = track.account
    kernelCounters = account.kernelCounters
    fidelity = track.fidelity
    windows = track.windows
    if time == nil { windows.withholdTimes() }
    self.time = time
    inferredWindows = track.tracker.inferred
    unknownWindows = track.unknown
    gaps = track.gaps.plus(track.gapsShown)
    gapsShown = track.gapsShown
    decisionsWithoutWakeup = track.decisionsWithoutWakeup
    self.decisionsAreRecorded = decisionsAreRecorded
  }

  /// The figures of a finished track over `time` of a trace without wake-ups: what its decisions tell.
  package init(withoutWakeups track: VCPUTrack, over time: Nanoseconds?) {
    wakeupsAreRecorded = false
    measures.grows = track.lone.grows
    measures.shrinks = track.lone.shrinks
    fidelity.recorded = track.lone.count
    fidelity.reproduced = track.lone.reproduced
    fidelity.contradicted = track.lone.count - track.lone.reproduced
    windows = track.lone.windows
    if time == nil { windows.withholdTimes() }
    self.time = time
    gaps = track.gaps.plus(track.lone.gaps)
    gapsShown = track.lone.gaps
  }

  /// Adds another vCPU's figures.
  package mutating func merge(_ other: Figures) {
    measures.merge(other.measures)
    account.merge(other.account)
    kernelCounters.merge(other.kernelCounters)
    fidelity.merge(other.fidelity)
    windows.merge(other.windows)
    time = time.flatMap { mine in other.time.map { mine + $0 } }
    inferredWindows.add(other.inferredWindows)
    unknownWindows.add(other.unknownWindows)
    gaps.add(other.gaps)
    gapsShown.add(other.gapsShown)
    decisionsWithoutWakeup.add(other.decisionsWithoutWakeup)
    decisionsAreRecorded = decisionsAreRecorded && other.decisionsAreRecorded
    wakeupsAreRecorded = wakeupsAreRecorded && other.wakeupsAreRecorded
  }

  /// The figures of several vCPUs together.
  package init(totalOf parts: some Sequence<Figures>) {
    time = .zero
    for part in parts { merge(part) }
  }
}

extension Figures {
  /// Times in which the vCPUs halted in a second of their time; nil without time.
  package var haltsPerSecond: Double? {
    !wakeupsAreRecorded
      ? nil : time.flatMap { $0 == 0 ? nil : Double(measures.halts) / Double($0.rawValue) * 1e9 }
  }

  /// The share of a CPU that `spent` is, over the vCPUs' time; nil without time.
  package func share(_ spent: Nanoseconds) -> Double? {
    time.flatMap { $0 == 0 ? nil : Double(spent.rawValue) / Double($0.rawValue) }
  }
}
