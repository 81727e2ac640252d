/// What a trace file says of itself, whatever its format.
package struct TraceDescription: Hashable, Sendable {
  /// The clock that stamped the events.
  package struct Clock: Hashable, Sendable {
    /// Its name in tracefs (`mono`, `local`, …), or the format's own.
    package var name: Untrusted
    /// Whether its stamps are nanoseconds.
    ///
    /// `counter`, `uptime` in jiffies and `x86-tsc` without a multiplier are not: then rates and
    /// shares are withheld.
    package var isTime: Bool

    package init(name: Untrusted, isTime: Bool) {
      self.name = name
      self.isTime = isTime
    }
  }

  /// The path as the user gave it; `-` for standard input.
  package var path: Untrusted
  /// `trace.dat v6`, `trace.dat v7`, `ftrace text`, `perf.data`.
  package var format: String
  /// `uname -r` of the host, where known.
  package var kernel: Untrusted?
  /// `uname -m` of the host, where known.
  package var arch: Untrusted?
  package var clock: Clock
  /// How exact its stamps are, where the text rounds them.
  package var timeStep: Nanoseconds = 1
  /// CPUs with a buffer, where known.
  package var cpus: Int?
  /// The instances whose buffers were read, by name; empty for the top one alone.
  package var instances: [Untrusted] = []
  /// Whether the format of `kvm_vcpu_wakeup` has a field `valid`: absent before 4.7.
  package var hasValidField = true
  /// Whether both sched events can be in the trace.
  package var hasSchedulerEvents = false
  /// Thread names (`comm`), where recorded.
  package var names: [ThreadID: Untrusted] = [:]
  /// Which process each thread belongs to, where recorded.
  package var processes: [ThreadID: ProcessID] = [:]
  /// What the file itself says of vCPU threads (facts of the recorder, GUEST options).
  package var vcpus: [RecordedFacts.VCPUThread] = []
  /// Times between two events with something else between them: of a text of which a part was left out.
  package var holes: [Range<Timestamp>] = []
  /// Times in which nothing was recorded, and which no figure is about.
  package var pauses: [Range<Timestamp>] = []
  /// Whether the end of the recording is not in the file.
  package var isCutShort = false
  /// How many events of each CPU the recorder counted; empty where it did not say.
  package var countedEvents: [CPU: UInt64] = [:]
  /// Whether the trace has the decisions (`kvm_halt_poll_ns`), where the file says so: an event that is
  /// described need not have been switched on.
  package var decisionsAreRecorded: Bool?
  /// The same of wake-ups (`kvm_vcpu_wakeup`).
  package var wakeupsAreRecorded: Bool?
  /// The recorder's facts, where polltrace recorded.
  package var facts: RecordedFacts?

  /// Whether events of a guest's own polling can be in the trace.
  package var mayShowGuestIdles = false

  /// Whether the threads of switches are numbered as those of halts are.
  package var switchesHaveThreads = true
  /// Whether switches of tasks other than vCPUs can be in the trace, and told from those of vCPUs.
  package var mayShowOtherTasks: Bool {
    switchesHaveThreads && facts?.hasIdleSwitches ?? hasSchedulerEvents
  }

  /// When and where such switches are in the trace, as far as anybody told.
  package var idleSwitches: IdleSwitches { facts?.idleSwitches ?? .always }

  package init(path: Untrusted, format: String, clock: Clock, cpus: Int?) {
    self.path = path
    self.format = format
    self.clock = clock
    self.cpus = cpus
  }
}
