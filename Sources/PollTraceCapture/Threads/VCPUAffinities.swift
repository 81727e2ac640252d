import PollTrace

/// On which CPUs vCPU threads may run, looked at as often as costs less than a two-hundredth of a CPU.
struct VCPUAffinities {
  private(set) var byThread: [ThreadID: CPUSet] = [:]
  private var next = Timestamp(0)
  private static let shortest: Nanoseconds = 1_000_000_000

  /// Looks at `threads` where it is time to, or where some of them are new; true where anything changed.
  mutating func look(at now: Timestamp, _ threads: [RecordedFacts.VCPUThread]) -> Bool {
    guard now >= next || threads.contains(where: { byThread[$0.thread] == nil }) else {
      return false
    }
    let before = Machine.cpuTime
    let seen = threads.reduce(into: [:]) { seen, thread in
      seen[thread.thread] = Self.affinity(of: thread) ?? byThread[thread.thread]
    }
    next = now + max(Self.shortest, (Machine.cpuTime - before).times(200))
    guard seen != byThread else { return false }
    byThread = seen
    return true
  }

  /// The CPUs of all of them; nil where they are all of `online`, or not known.
  func all(of online: CPUSet) -> CPUSet? {
    guard !byThread.isEmpty else { return nil }
    let all = byThread.values.reduce(CPUSet([])) { $0.union($1) }
    return all.isSuperset(of: online) ? nil : all
  }

  /// `Cpus_allowed_list` (linux Documentation/filesystems/proc.rst); nil where the thread is gone.
  private static func affinity(of thread: RecordedFacts.VCPUThread) -> CPUSet? {
    let process = thread.process.map { $0.rawValue } ?? thread.thread.rawValue
    let text = Paths.text("/proc/\(process)/task/\(thread.thread.rawValue)/status")
    return text?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
      .flatMap { CPUSet($0.drop { $0 != "\t" }.dropFirst()) }
  }
}
