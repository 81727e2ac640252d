/// The window of each halt of one vCPU, one after the other, where `WindowChain` keeps sums.
package struct WindowFollower: Sendable {
  private let laws: PollLaws
  private let held: [UInt32?]
  private var stretch = 0
  /// The window that the last halt left, once a decision has told it.
  private var left: UInt32?
  /// Whether the next halt is the first one after a loss: its own decision may be lost.
  private var isAfterLoss = false
  private var adopted = Timestamp(0)

  /// `held` is finished.
  package init(of thread: ThreadID, in scope: TrackScope, _ held: HeldWindows) {
    laws = scope.laws(of: thread)
    self.held = held.windows
  }

  /// Hands the thread's next halts over with their windows.
  package mutating func follow(_ queue: HaltQueue, _ take: (WindowedHalt) -> Void) {
    var breaks = queue.breaks[...]
    for (number, halt) in queue.halts.enumerated() {
      while breaks.first == number {
        breaks.removeFirst()
        breakOff()
      }
      take(follow(halt))
    }
    for _ in breaks { breakOff() }
  }

  private mutating func breakOff() {
    stretch += 1
    left = nil
    isAfterLoss = true
  }

  private mutating func follow(_ halt: Halt) -> WindowedHalt {
    defer { isAfterLoss = false }
    guard let before = left ?? halt.decision?.old else {
      let window = isAfterLoss || stretch >= held.count ? nil : held[stretch]
      return WindowedHalt(halt, window: window, left: window)
    }
    let law = laws.law(for: halt, window: before, adopted: &adopted)
    var window = PollWindow(length: before)
    window.enter(ceiling: law.ceilingAtEntry, rules: law.rules)
    let inForce = halt.decision?.old ?? window.length
    let expected = window.leave(
      after: halt.block.rawValue, isValid: halt.isValid, parameters: law.parameters,
      rules: law.rules)
    // The vCPU may not poll where a decision was due and none came.
    let after = halt.decision?.new ?? (expected == .none ? window.length : inForce)
    left = after
    return WindowedHalt(halt, window: inForce, left: after)
  }
}
