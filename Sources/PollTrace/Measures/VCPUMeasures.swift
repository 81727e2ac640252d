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

  /// Counts some halts.
  mutating func add(_ halts: Span<Halt>) {
    block.add(halts)
    var (slept, invalid, grows, shrinks) = (0 as UInt64, 0 as UInt64, 0 as UInt64, 0 as UInt64)
    for index in halts.indices {
      slept &+= halts[index].ending == .slept ? 1 : 0
      invalid &+= halts[index].isValid ? 0 : 1
      grows &+= halts[index].decision?.move == .grow ? 1 : 0
      shrinks &+= halts[index].decision?.move == .shrink ? 1 : 0
      if halts[index].wakeLatency != nil { addWaker(of: halts[index]) }
    }
    polled += UInt64(halts.count) - slept
    self.slept += slept
    self.invalid += invalid
    self.grows += grows
    self.shrinks += shrinks
  }

  /// Counts some halts, and gives back the vCPU's id where a decision among them tells.
  mutating func add(_ halts: Span<TracedHalt>) -> UInt32? {
    block.add(halts)
    var next = 0
    while next < halts.count {
      // As many as marks of a byte can be added up of.
      let end = min(halts.count, next + 255)
      let sum = (next..<end).reduce(0 as UInt32) { $0 &+ halts[$1].marks }
      func count(_ mark: UInt32) -> UInt64 { UInt64(sum / mark & 0xff) }
      slept += count(TracedHalt.slept)
      polled += UInt64(end - next) - count(TracedHalt.slept)
      invalid += UInt64(end - next) - count(TracedHalt.valid)
      grows += count(TracedHalt.grows)
      shrinks += count(TracedHalt.decided) - count(TracedHalt.grows)
      next = end
    }
    for index in halts.indices.reversed() where halts[index].isDecided { return halts[index].vcpu }
    return nil
  }

  private mutating func addWaker(of halt: Halt) {
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
