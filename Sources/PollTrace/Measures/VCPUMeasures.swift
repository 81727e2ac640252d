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

  /// Counts a halt.
  package mutating func add(_ windowed: WindowedHalt) {
    block.add(windowed.halt.block)
    addEnd(of: windowed)
  }

  /// Counts some halts.
  mutating func add(_ halts: Span<WindowedHalt>) {
    block.add(halts)
    for index in halts.indices { addEnd(of: halts[index]) }
  }

  /// Counts what the end of a halt shows.
  ///
  /// Sums, not branches: how a halt ended is chance, and a processor would guess.
  @inline(__always)
  private mutating func addEnd(of windowed: borrowing WindowedHalt) {
    polled &+= windowed.halt.ending == .polled ? 1 : 0
    slept &+= windowed.halt.ending == .slept ? 1 : 0
    if !windowed.halt.isValid { invalid &+= 1 }
    grows &+= windowed.halt.decision?.move == .grow ? 1 : 0
    shrinks &+= windowed.halt.decision?.move == .shrink ? 1 : 0
    if let latency = windowed.halt.wakeLatency { addWakeup(latency, by: windowed.halt.waker) }
  }

  private mutating func addWakeup(_ latency: Nanoseconds, by waker: Halt.Waker) {
    wakeLatency.add(latency)
    switch waker {
    case .unknown: break
    case .interrupt: wokenByInterrupt += 1
    case .taskOnSameCPU: wokenOnSameCPU += 1
    case .taskElsewhere: wokenFromElsewhere += 1
    }
  }

  /// Adds the counts of another vCPU.
  package mutating func merge(_ other: VCPUMeasures) {
    polled.add(other.polled)
    slept.add(other.slept)
    invalid.add(other.invalid)
    grows.add(other.grows)
    shrinks.add(other.shrinks)
    block.merge(other.block)
    wakeLatency.merge(other.wakeLatency)
    wokenByInterrupt.add(other.wokenByInterrupt)
    wokenOnSameCPU.add(other.wokenOnSameCPU)
    wokenFromElsewhere.add(other.wokenFromElsewhere)
  }
}
