/// What is counted of one vCPU's halts in one interval of a recording: every field adds up.
package struct IntervalFigures: Hashable, Sendable {
  package private(set) var measures = VCPUMeasures()
  package private(set) var account = PollAccount()
  /// Halts whose window is not known: KVM's counters lack them.
  package private(set) var unknownWindows: UInt64 = 0
  /// Halts before which events are missing.
  package private(set) var gaps: UInt64 = 0

  package init() {}

  /// Counts a halt.
  package mutating func add(_ halt: WindowedHalt) {
    measures.add(halt)
    account.add(halt)
    if halt.window == nil { unknownWindows += 1 }
    if halt.gap != .none { gaps += 1 }
  }
}
