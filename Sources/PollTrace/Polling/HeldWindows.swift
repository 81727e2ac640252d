/// The window that held in each stretch of one vCPU's halts until the stretch's first decision.
///
/// A decision tells the window before it as well, but only afterwards: whoever wants the window of
/// each halt reads the trace once for these, and once more with `WindowFollower`. Stretches are cut
/// by lost events.
package struct HeldWindows: Sendable {
  /// In ns, a stretch each; nil where none of its halts moved the window.
  private(set) var windows: [UInt32?] = [nil]
  private var isDecided = false
  /// Whether a halt of the first stretch outlasted the ceiling without a decision.
  private var outlasts = false
  private let laws: PollLaws

  package init(of thread: ThreadID, in scope: TrackScope) { laws = scope.laws(of: thread) }

  /// Takes the thread's next halts in.
  package mutating func add(_ queue: HaltQueue) {
    var breaks = queue.breaks[...]
    for (number, halt) in queue.halts.enumerated() {
      while breaks.first == number {
        breaks.removeFirst()
        breakOff()
      }
      if !isDecided { add(halt) }
    }
    for _ in breaks { breakOff() }
  }

  private mutating func add(_ halt: Halt) {
    if let decision = halt.decision {
      windows[windows.count - 1] = decision.old
      isDecided = true
    } else if windows.count == 1, !outlasts {
      outlasts = halt.block.rawValue > UInt64(laws.law(at: halt.woke).parameters.ceiling)
    }
  }

  private mutating func breakOff() {
    windows.append(nil)
    isDecided = false
  }

  /// The trace ends at `end`: without a decision the rules say at times that the window was closed.
  package mutating func finish(at end: Timestamp) {
    guard windows[0] == nil else { return }
    if outlasts || laws.law(at: end).parameters.ceiling == 0 { windows[0] = 0 }
  }
}
