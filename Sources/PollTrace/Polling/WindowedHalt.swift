/// A halt with the window that it began with and the one that it left.
package struct WindowedHalt: Sendable {
  /// How the poll at a halt's begin came out.
  package enum PollEnd: Hashable, Sendable {
    /// The window was closed.
    case none
    /// The vCPU was woken without having slept.
    case success
    /// The window ran out first.
    case failed
    /// It was given up before: another task wanted the CPU.
    case abandoned
  }

  package var halt: Halt
  /// The window in force, in ns; nil where lost events hide it.
  package var window: UInt32?
  /// The window after it, in ns; from 6.1 on it may exceed the ceiling until the next halt.
  package var left: UInt32?

  package init(_ halt: Halt, window: UInt32?, left: UInt32?) {
    self.halt = halt
    self.window = window
    self.left = left
  }

  /// How its poll came out; nil where the window is unknown.
  package var pollEnd: PollEnd? {
    guard let window else { return nil }
    if window == 0 { return PollEnd.none }
    if halt.ending == .polled { return .success }
    if case .measured(let switched) = halt.poll, switched < length(window) { return .abandoned }
    return .failed
  }

  /// How long its poll lasted; nil where the window is unknown.
  ///
  /// Exact for one that succeeded. One that failed counts whole, and one that was abandoned until
  /// the thread was switched out, some µs too long; where no switch was recorded, an abandoned poll
  /// looks like one that failed.
  package var poll: Nanoseconds? {
    guard let window, let end = pollEnd else { return nil }
    switch end {
    case .none: return .zero
    case .success: return PollAccount.successfulPoll(halt.block, window: length(window))
    case .failed: return min(length(window), halt.block)
    case .abandoned:
      guard case .measured(let switched) = halt.poll else { return nil }
      return min(switched, halt.block)
    }
  }

  private func length(_ window: UInt32) -> Nanoseconds { Nanoseconds(UInt64(window)) }
}
