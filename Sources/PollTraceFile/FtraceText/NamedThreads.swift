internal import PollTrace

/// Threads of a text that has the process's number in the thread's place, as `perf script -F comm,pid`
/// prints: told apart by the process and the name.
///
/// A switch away from a thread names both, so a thread that was seen leaving a CPU has its own number; others
/// have a negative one.
struct NamedThreads {
  /// A process's number and a name.
  private struct Key: Hashable {
    var process: ThreadID
    var name: String
  }
  /// What `sched_switch` said; nil where a process has several threads of one name.
  private var threads: [Key: ThreadID?] = [:]
  /// How often a switch was away from another thread than the line is of.
  private(set) var stated: UInt64 = 0
  private var given: [Key: ThreadID] = [:]
  private(set) var names: [ThreadID: String] = [:]
  private(set) var processes: [ThreadID: ProcessID] = [:]
  private var vcpus: [ThreadID: UInt32] = [:]
  /// Whether some thread has no name, or one name is that of two vCPUs.
  private(set) var areAmbiguous = false

  /// A switch away from `thread` in a line of `process` and `name`.
  mutating func state(_ thread: ThreadID, of process: ThreadID, _ name: String?) {
    guard let name else { return }
    stated += 1
    let key = Key(process: process, name: name)
    if let before = threads[key], before != thread {
      threads[key] = .some(nil)
    } else {
      threads[key] = thread
    }
  }

  /// The thread of `process` called `name`.
  mutating func thread(of process: ThreadID, _ name: String?) -> ThreadID {
    guard process != .idle else { return .idle }
    guard let name else {
      areAmbiguous = true
      return process
    }
    let key = Key(process: process, name: name)
    if let thread = given[key] { return thread }
    if case .some(nil) = threads[key] { areAmbiguous = true }
    let thread =
      threads[key].flatMap(\.self) ?? ThreadID(Int32.min + Int32(truncatingIfNeeded: given.count))
    given[key] = thread
    names[thread] = name
    processes[thread] = ProcessID(process.rawValue)
    return thread
  }

  /// Notes whose decision `thread` had.
  mutating func note(_ vcpu: UInt32, of thread: ThreadID) {
    if vcpus.updateValue(vcpu, forKey: thread) ?? vcpu != vcpu { areAmbiguous = true }
  }
}
