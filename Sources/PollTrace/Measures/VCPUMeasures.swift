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
  @inline(__always)
  package mutating func add(_ windowed: borrowing WindowedHalt) {
    block.add(windowed.halt.block)
    if windowed.halt.ending == .slept { slept &+= 1 } else { polled &+= 1 }
    if !windowed.halt.isValid { invalid &+= 1 }
    switch windowed.halt.decision?.move {
    case .grow: grows &+= 1
    case .shrink: shrinks &+= 1
    case nil: break
    }
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
