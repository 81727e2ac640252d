/// How the kernel's recorded decisions compare with what the rules say.
package struct Fidelity: Hashable, Sendable {
  /// A halt at which the kernel did something else than the rules say.
  package struct Contradiction: Hashable, Sendable {
    package var thread: ThreadID
    package var time: Timestamp
    package var block: Nanoseconds
    /// The window in force, in ns, and the parameters, the VM's ceiling put in.
    package var window: UInt32
    package var parameters: PollParameters
    package var expected: PollWindow.Change
    package var recorded: PollWindow.Change
  }

  /// Recorded decisions.
  package var recorded: UInt64 = 0
  /// Of these, reproduced: kind, old and new.
  package var reproduced: UInt64 = 0
  /// Of these, not as the rules say.
  package var contradicted: UInt64 = 0
  /// Halts whose window is not known, so that nothing could be checked.
  package var unknown: UInt64 = 0
  /// Halts at which the rules move the window and the kernel did not: the vCPU was refused to poll.
  package var refused: UInt64 = 0
  /// Those since the last decision.
  private var refusedNow: UInt64 = 0
  /// The earliest contradiction.
  package var first: Contradiction?

  package init() {}

  /// Counts a halt of `thread`.
  ///
  /// A decision that is missing may have been lost: a refusal counts when the next decision shows that
  /// none was.
  @inline(__always)
  mutating func add(_ windowed: borrowing WindowedHalt, of thread: ThreadID) {
    if windowed.gap != .none { settle(isLost: windowed.gap == .shown) }
    if windowed.halt.decision != nil {
      settle(isLost: false)
      recorded &+= 1
    }
    switch windowed.check {
    case .agrees: reproduced &+= windowed.halt.decision == nil ? 0 : 1
    case .refused: refusedNow &+= 1
    case .unchecked: unknown &+= 1
    case .contradicts(let expected): add(windowed, of: thread, expected)
    }
  }

  private mutating func add(
    _ windowed: borrowing WindowedHalt, of thread: ThreadID, _ expected: PollWindow.Change
  ) {
    contradicted += 1
    guard let decision = windowed.halt.decision, first == nil else { return }
    first = Contradiction(
      thread: thread, time: windowed.halt.woke, block: windowed.halt.block,
      window: windowed.window ?? 0, parameters: windowed.effective.parameters, expected: expected,
      recorded: .moved(decision.move, old: decision.old, new: decision.new))
  }

  @inline(__always)
  private mutating func settle(isLost: Bool) {
    if refusedNow > 0, !isLost { refused &+= refusedNow }
    refusedNow = 0
  }

  /// The trace ends; `isIncomplete` says that events of the vCPU are missing: where it decides at
  /// all, a missing decision is one of them.
  mutating func finish(isIncomplete: Bool) {
    settle(isLost: false)
    if isIncomplete, recorded > refused { refused = 0 }
  }

  /// Adds what was checked of another vCPU.
  package mutating func merge(_ other: Fidelity) {
    recorded.add(other.recorded)
    reproduced.add(other.reproduced)
    contradicted.add(other.contradicted)
    unknown.add(other.unknown)
    refused.add(other.refused)
    if let theirs = other.first, first.map({ theirs.time < $0.time }) ?? true { first = theirs }
  }
}
