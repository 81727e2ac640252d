package import PollTrace

/// What to record, and where to.
package struct RecordingPlan: Hashable, Sendable {
  /// The trace.dat to make.
  package var output: OSString
  /// How long at most; nil until something else ends it.
  package var duration: Nanoseconds?
  /// Whether to record how this machine, as a guest, idles and polls, instead of the VMs that run on it.
  package var isGuest = false
  /// VMs to follow, by process id or name; empty for all.
  package var vms: [String] = []
  /// The trace clock, by its name in tracefs.
  package var clock = "mono"
  /// Bytes of ring buffer a CPU.
  package var bufferSize = 4 << 20
  /// Which sched events to record.
  package var scheduler = SchedulerEvents.full
  /// Whether switches between idle and any task are recorded in spans where they would cost more than their
  /// budget.
  package var keepsBudget = true
  /// Whether to pack the trace with zstd (version 7).
  package var isPacked = false
  /// A command to run; recording ends with it.
  package var command: [OSString] = []
  /// The recorder's name and version, for the record.
  package var recorder = "polltrace"

  package init(output: OSString) { self.output = output }
}

/// Which events of the scheduler a recording takes.
package enum SchedulerEvents: String, Hashable, Sendable, CaseIterable {
  /// Wakings and switches of vCPU threads, and switches between idle and any task: who else wants a
  /// CPU.
  case full
  /// Wakings and switches of vCPU threads.
  case vcpus
  case none
}

/// How far a recording is.
package struct RecordingProgress: Hashable, Sendable {
  package var elapsed: Nanoseconds
  /// Time left; nil where nothing limits it.
  package var left: Nanoseconds?
  package var vcpus: Int
  /// The CPUs of a guest that is recorded; nil where VMs are.
  package var guestCPUs: Int?
  package var events: UInt64
  package var bytes: Int
  package var lost: UInt64
}

/// What came of a recording.
package struct RecordingSummary: Sendable {
  /// Why it ended.
  package enum End: Sendable {
    case duration
    /// A signal, by name.
    case signal(String)
    /// The command, with its exit status where that is known.
    case command(Int32?)
    /// Something that did not let it go on.
    case failure(CaptureError)
  }

  package var end: End
  package var length: Nanoseconds
  package var vms: Int
  package var vcpus: Int
  package var events: UInt64
  /// Events that the trace lacks.
  package var lost: UInt64
  /// The CPUs of a guest that was recorded; nil where VMs were.
  package var guestCPUs: Int?
  /// Size of the trace.
  package var bytes = 0
}

/// What a recording says when it begins.
package enum RecordingNote: Hashable, Sendable {
  /// Instances of dead recorders were removed from tracefs.
  case removed([String])
  /// Recording is on, in the instance of that directory, with these events.
  case began(instance: String, events: [String], vms: Int, vcpus: Int)
  /// The same of this machine's own idling.
  case beganInGuest(instance: String, events: [String], cpus: Int)
}
