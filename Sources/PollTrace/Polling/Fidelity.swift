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
  /// The earliest contradiction.
  package var first: Contradiction?

  package init() {}

  /// Halts that the rules do not explain.
  package var faults: UInt64 { contradicted + refused }

  /// Counts a recorded decision that is not as the rules say.
  package mutating func add(_ contradiction: Contradiction) {
    contradicted += 1
    if first.map({ contradiction.time < $0.time }) ?? true { first = contradiction }
  }

  /// Adds what was checked elsewhere.
  package mutating func merge(_ other: Fidelity) {
    recorded += other.recorded
    reproduced += other.reproduced
    contradicted += other.contradicted
    unknown += other.unknown
    refused += other.refused
    if let theirs = other.first, first.map({ theirs.time < $0.time }) ?? true { first = theirs }
  }
}
