import ArgumentParser

/// Takes events, in order of time over all CPUs, and writes a trace of them in the end.
protocol TraceSink {
  /// Takes `kvm:kvm_vcpu_wakeup`.
  mutating func wakeup(at time: UInt64, cpu: Int, thread: Int32, block: UInt64, waited: Bool) throws
  /// Takes `kvm:kvm_halt_poll_ns`.
  mutating func decision(
    at time: UInt64, cpu: Int, thread: Int32, grow: Bool, vcpu: UInt32, new: UInt32, old: UInt32
  ) throws
  /// Writes what is left.
  mutating func finish() throws
}

/// Takes the scheduler's events, too.
protocol SchedulerSink: TraceSink {
  /// Takes `sched:sched_waking`: `waker` or an interrupt while it ran wakes `woken`, last on `target`.
  mutating func waking(
    at time: UInt64, cpu: Int, by waker: HostThread, isInterrupt: Bool, woken: HostThread,
    target: Int
  ) throws
  /// Takes `sched:sched_switch`.
  mutating func switched(
    at time: UInt64, cpu: Int, from previous: HostThread, isAsleep: Bool, to next: HostThread
  ) throws
}

/// What a trace is written as.
enum TraceFormat: String, ExpressibleByArgument, CaseIterable {
  /// trace.dat of version 6
  case dat
  /// perf.data of one event after the other, in rounds
  case perf
  /// What `cat trace` prints
  case text

  func sink(path: String, cpus: Int) throws -> any TraceSink {
    switch self {
    case .dat: try TraceWriter(path: path, cpus: cpus)
    case .perf: try PerfWriter(path: path, cpus: cpus)
    case .text: try TextWriter(path: path, cpus: cpus)
    }
  }
}
