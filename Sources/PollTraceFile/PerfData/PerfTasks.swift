internal import PollTrace

/// The names of threads and the processes they belong to, as perf's records tell.
struct PerfTasks {
  private(set) var names: [ThreadID: String] = [:]
  private(set) var processes: [ThreadID: ProcessID] = [:]

  /// A thread is called `name` from now on.
  mutating func call(_ thread: ThreadID, _ name: String, of process: ProcessID) {
    names[thread] = name
    processes[thread] = process
  }

  /// A thread was made by another, whose name it has.
  mutating func fork(_ thread: ThreadID, of process: ProcessID, by parent: ThreadID) {
    processes[thread] = process
    names[thread] = names[thread] ?? names[parent]
  }
}
