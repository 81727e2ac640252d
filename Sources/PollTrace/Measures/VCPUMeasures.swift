/// What is counted of one vCPU's halts without knowing its window.
package struct VCPUMeasures: Hashable, Sendable {
  package var polled: UInt64 = 0
  package var slept: UInt64 = 0
  package var invalid: UInt64 = 0
  package var grows: UInt64 = 0
  package var shrinks: UInt64 = 0
  /// How long halts lasted.
  package var block = Histogram()
  /// How long wake-ups took, of halts whose waking was recorded.
  package var wakeLatency = Histogram()
  /// Halts that slept, by who woke them.
  package var wokenByInterrupt: UInt64 = 0
  package var wokenOnSameCPU: UInt64 = 0
  package var wokenFromElsewhere: UInt64 = 0

  package init() {}

  /// Halts in all.
  package var halts: UInt64 { polled + slept }

  /// Counts those of `halts` that `scope` is about.
  mutating func add(_ halts: Span<Halt>, _ scope: TrackScope) {
    block.add(halts.count) { scope.counts(halts[$0]) ? halts[$0].block : nil }
    for index in halts.indices where scope.counts(halts[index]) { add(halts[index]) }
  }

  /// Counts one halt, whose length is counted already.
  @inline(__always)
  private mutating func add(_ halt: Halt) {
    switch halt.ending {
    case .polled: polled += 1
    case .slept: slept += 1
    }
    if !halt.isValid { invalid += 1 }
    switch halt.decision?.move {
    case .grow: grows += 1
    case .shrink: shrinks += 1
    case nil: break
    }
    if let latency = halt.wakeLatency { wakeLatency.add(latency) }
    switch halt.waker {
    case .unknown: break
    case .interrupt: wokenByInterrupt += 1
    case .taskOnSameCPU: wokenOnSameCPU += 1
    case .taskElsewhere: wokenFromElsewhere += 1
    }
  }

  /// Adds the counts of another vCPU, or of another part of the trace.
  package mutating func merge(_ other: VCPUMeasures) {
    polled += other.polled
    slept += other.slept
    invalid += other.invalid
    grows += other.grows
    shrinks += other.shrinks
    block.merge(other.block)
    wakeLatency.merge(other.wakeLatency)
    wokenByInterrupt += other.wokenByInterrupt
    wokenOnSameCPU += other.wokenOnSameCPU
    wokenFromElsewhere += other.wokenFromElsewhere
  }
}
