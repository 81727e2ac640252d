/// What the recorder knew and the events do not say; travels inside the trace as text.
///
/// One fact a line, `word key=value …`; values are percent-encoded, unknown words are skipped by
/// older readers. In a trace.dat it is the text of a VERSION option (id 9), which trace-cmd keeps
/// and prints only when asked for (trace-cmd.dat.v6 format, section OPTIONS).
package struct RecordedFacts: Hashable, Sendable {
  /// The parameters, from `since` on.
  package struct ParameterChange: Hashable, Sendable {
    /// When they were first seen, on the trace's clock; nil where that clock cannot be read from
    /// user space.
    package var since: Timestamp?
    /// When the ones before were last seen; they changed in between.
    package var notBefore: Timestamp?
    package var parameters: PollParameters
    package init(since: Timestamp?, notBefore: Timestamp? = nil, parameters: PollParameters) {
      self.since = since
      self.notBefore = notBefore
      self.parameters = parameters
    }
  }
  /// What a thread is.
  package struct VCPUThread: Hashable, Sendable {
    package var thread: ThreadID
    /// The VM's process; nil where only a GUEST option of trace-cmd names the thread.
    package var process: ProcessID?
    /// The VM's name from its command line; empty where it has none.
    package var vm: Untrusted
    /// The vCPU's id in its VM, where the thread's name tells.
    package var vcpu: UInt32?
    /// The VM's UUID from its command line; empty where it has none.
    package var uuid: Untrusted
    /// The CPUs on which it may run (`Cpus_allowed_list`), when last seen; nil where nobody looked.
    package var affinity: CPUSet?
    package init(
      thread: ThreadID, process: ProcessID?, vm: Untrusted, vcpu: UInt32?, uuid: Untrusted = "",
      affinity: CPUSet? = nil
    ) {
      self.thread = thread
      self.process = process
      self.vm = vm
      self.vcpu = vcpu
      self.uuid = uuid
      self.affinity = affinity
    }
  }
  /// Events that the kernel dropped on a CPU while recording.
  package struct Loss: Hashable, Sendable {
    package var cpu: CPU
    package var events: UInt64
    package init(cpu: CPU, events: UInt64) {
      self.cpu = cpu
      self.events = events
    }
  }

  /// A block of a trial: one setting in force, measured from `begin` to `end` on the trace's clock.
  package struct TrialBlock: Hashable, Sendable {
    package var round: UInt32
    /// 0 for the setting of before, 1… for the candidates.
    package var setting: UInt32
    package var begin: Timestamp
    package var end: Timestamp
    package init(round: UInt32, setting: UInt32, begin: Timestamp, end: Timestamp) {
      (self.round, self.setting, self.begin, self.end) = (round, setting, begin, end)
    }
  }

  /// The recorder's name and version.
  package var recorder: Untrusted = ""
  /// The host's name.
  package var host: Untrusted = ""
  /// The kernel's boot id (`/proc/sys/kernel/random/boot_id`).
  package var boot: Untrusted = ""
  /// `uname -r`.
  package var kernel: Untrusted = ""
  /// `uname -m`.
  package var arch: Untrusted = ""
  /// The CPU's model (`model name` of /proc/cpuinfo; empty where the architecture has none).
  package var cpuModel: Untrusted = ""
  /// How the kernel has kvm; nil where an older recorder did not say.
  package var module: KVMModule?
  /// The trace clock's name in tracefs.
  package var clock: Untrusted = ""
  /// When recording began and ended, on the trace's clock.
  package var began: Timestamp?
  package var ended: Timestamp?
  /// When recording began, in ns since 1970 UTC (CLOCK_REALTIME); nil where an older recorder did not say.
  package var beganUTC: Timestamp?
  /// Whether sched events were recorded for vCPU threads.
  package var hasSchedulerEvents = false
  /// Whether switches between idle and any task were recorded as well: who else wanted a vCPU's CPU.
  package var hasIdleSwitches = false
  /// When and where those were recorded, if not all the time on all CPUs.
  package var idleSwitchSpans: [IdleSwitches.Span] = []
  /// Which CPUs share what; nil where an older recorder did not say.
  package var topology: CPUTopology?
  /// In order of time; the first is what held when recording began.
  package var parameters: [ParameterChange] = []
  package var vcpus: [VCPUThread] = []
  /// Of a guest's own polling; nil where a host was recorded.
  package var guest: GuestFacts?
  package var losses: [Loss] = []
  /// The blocks of the trial that was recorded; none where it was no trial.
  package var trial: [TrialBlock] = []
  /// The recorder was killed: the last events of each CPU never came to disk.
  package var isCutOff = false

  package init() {}

  /// Where and when it is known who else wanted a CPU.
  package var idleSwitches: IdleSwitches {
    guard hasIdleSwitches else { return IdleSwitches([]) }
    return idleSwitchSpans.isEmpty ? .always : IdleSwitches(idleSwitchSpans)
  }
}
