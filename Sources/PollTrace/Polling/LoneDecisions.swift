/// What decisions tell of one vCPU's window by themselves, where the trace lacks the wake-ups that they
/// belong to.
///
/// A decision says its move, the window before and the window after: so the parameters of the move show,
/// and the window's length from one decision to the next. Whether it was due does not: nobody knows how
/// long the halt was.
package struct LoneDecisions: Sendable {
  package private(set) var grows: UInt64 = 0
  package private(set) var shrinks: UInt64 = 0
  /// Those whose move the rules give.
  package private(set) var reproduced: UInt64 = 0
  package private(set) var windows = WindowShares()
  package private(set) var evidence = RuleEvidence()
  /// Places where windows do not join.
  package private(set) var gaps: UInt64 = 0
  /// The window that the last one left, in ns; nil where events are missing since.
  private var previous: UInt32?

  package init() {}

  package var count: UInt64 { grows + shrinks }
  package var isEmpty: Bool { count == 0 }

  /// Takes in `event`, a decision made under `effective`.
  mutating func add(_ event: Event, _ effective: EffectiveParameters) {
    let decision = event.decision
    // What does not join may show another ceiling.
    evidence.add(decision, after: nil, previous: previous, effective)
    if let previous, decision.old != previous, decision.old != effective.window(after: previous) {
      gaps += 1
      breakOff()
    }
    var window = PollWindow(length: decision.old)
    switch decision.move {
    case .grow:
      grows += 1
      window.grow(effective.parameters, effective.rules)
    case .shrink:
      shrinks += 1
      window.shrink(effective.parameters, effective.rules)
    }
    if window.length == decision.new { reproduced += 1 }
    windows.add(
      decision.old, then: effective.window(after: decision.new), at: event.time)
    previous = decision.new
  }

  /// Events may be missing here.
  mutating func breakOff() {
    previous = nil
    windows.close()
  }

  /// The trace ends.
  mutating func finish(at end: Timestamp) { windows.finish(at: end) }
}
