import PollTrace
import PollTraceCapture

/// The guard of a change: a process that takes it back when its time is over, whatever became of the command
/// that made it.
package struct Guardian {
  private let id: String
  private let state: StateFolder
  /// As last read.
  private var record: ChangeRecord?

  /// How often it looks whether the change is still open.
  private static let step: Nanoseconds = 500_000_000
  /// How often a restoration that failed is tried again before it is left to people.
  private static let tries = 120

  /// The guard of the change `id`.
  ///
  /// - Throws: where the state folder cannot be opened.
  package init(_ id: String, root: String) throws(TuningError) {
    self.id = id
    state = try StateFolder(root: root)
  }

  /// Waits until the change has ended, or ends it.
  ///
  /// `ready` is called when it is at work.
  ///
  /// - Throws: where another guard is at work, or the values could not be restored.
  package mutating func watch(_ ready: () -> Void) throws(TuningError) {
    let lock: StateLock
    do throws(StateLock.Refusal) {
      lock = try StateLock(state.folder, StateFolder.guardLock, patience: 5_000)
    } catch { throw .busy("another guard is at work", nil) }
    defer { withExtendedLifetime(lock) {} }
    _ = look()
    ready()
    var how: Ending.How?
    var tries = 0
    while true {
      switch look() {
      case .over: return
      case .lost: how = .recordLost
      case .open(let left):
        if how == nil, left == .zero { how = .timedOut }
        if how == nil, Program.waitOrTerminated(min(left, Self.step)) { how = .guardEnded }
      }
      guard let ends = how else { continue }
      if end(ends, isFirst: tries == 0) { return }
      how = ends == .timedOut ? nil : ends
      tries += 1
      guard tries < Self.tries else {
        throw .failed("the values of before could not be restored", "See polltrace status.")
      }
      // Others may have the lock meanwhile.
      _ = Program.waitOrTerminated(Self.step)
    }
  }

  /// How the change stands.
  private enum Standing: Hashable {
    case open(left: Nanoseconds)
    /// Confirmed, or taken back.
    case over
    /// Nothing is written down of it any more: somebody removed that.
    case lost
  }

  private mutating func look() -> Standing {
    do throws(TuningError) {
      if let found = try state.open() {
        guard found.id == id else { return .over }
        record = found
        return .open(left: found.isVoid ? .zero : found.left)
      }
      guard let record, state.ended?.change.id != id,
        try state.confirmed(record.target)?.id != id
      else { return .over }
      return .lost
    } catch {
      // Unreadable: as it was last.
      return record.map { .open(left: $0.left) } ?? .over
    }
  }

  /// Takes the change back; false where its time was extended meanwhile, or a value could not be restored.
  private mutating func end(_ how: Ending.How, isFirst: Bool) -> Bool {
    let lock = lockAtLast()
    defer { withExtendedLifetime(lock) {} }
    let standing = look()
    guard standing != .over, let record else { return true }
    if how == .timedOut, case .open(let left) = standing, left > .zero { return false }
    return state.takeBack(record, how, isLogged: isFirst).restoration.failed.isEmpty
  }

  /// The lock; nil where it cannot be had at all: the values are restored all the same.
  ///
  /// A process that has it for too long is stopped or hangs, and would go on writing after the restoration: it is
  /// killed.
  private mutating func lockAtLast() -> StateLock? {
    for _ in 0..<3 {
      if let lock = try? state.locked(patience: 2_000) { return lock }
      // Who has it may just have ended this change, and be at work on another.
      if look() == .over { break }
      let isEnded = StateLock.endHolder(state.folder, StateFolder.lock)
      SystemLog.note(
        isEnded
          ? "a process that had the change in hand did not answer and was killed"
          : "a process has the change in hand and cannot be killed")
    }
    return try? state.locked(patience: 0)
  }
}
