/// What a pass over a trace knows beforehand of all its vCPUs, and what it keeps of their halts.
package struct TrackScope: Sendable {
  /// For VMs of which nothing else is known.
  package var settings: PollSettings
  /// For threads whose VM has a ceiling of its own.
  package var ownSettings: [ThreadID: PollSettings] = [:]
  /// Halts that woke in `from..<to` count; others are only followed.
  package var from: Timestamp = Timestamp(0)
  package var to: Timestamp = Timestamp(.max)
  /// Whether stamps count nanoseconds: else nothing is told from the time between two events.
  package var clockIsTime = true
  /// How exact stamps are.
  package var timeStep: Nanoseconds = 1
  /// Whether the trace has the decisions: else nothing follows from their absence.
  package var decisionsAreRecorded = true
  /// Whether the trace has the wake-ups: else it has no halts, and decisions are all that is known.
  package var wakeupsAreRecorded = true
  /// The threads that are known to be vCPUs: any other is a task that wants a CPU for itself.
  package var vcpus: Set<ThreadID> = []
  /// When switches between idle and any task were recorded; nil where nobody told, and only such a switch
  /// proves it.
  package var idleSwitches: IdleSwitches?
  /// What a pass before has found of windows; nil in the first one.
  package var openings: [ThreadID: Openings]?
  /// What is kept of halts one by one.
  package var keeps = Keeps()

  package struct Keeps: Sendable {
    /// The halts themselves, until they are drained.
    package var halts = false
    /// What a replay needs of halts.
    package var log = Logged.none
    /// When they ended, for a sample of them.
    package var times = false
    /// Who else had the CPUs, and how each vCPU got its own back.
    package var occupancy = false
    /// How many halts each thread's log is expected to have: growing by doubling takes twice the memory.
    package var room: [ThreadID: Int] = [:]
    /// Their sums in bins of time, for pictures.
    package var timeline: Timeline.Axis?

    package init() {}
  }

  /// Of which halts a log is kept.
  package enum Logged: Sendable {
    case none
    case all
    /// Of some of each thread's.
    case sample([ThreadID: HaltSample])
  }

  package init(settings: PollSettings) { self.settings = settings }

  /// The settings that `thread` obeys.
  package func settings(of thread: ThreadID) -> PollSettings {
    ownSettings.isEmpty ? settings : ownSettings[thread] ?? settings
  }

  /// Which of `halts`, in order of time, the figures are about.
  func counted(of halts: Span<WindowedHalt>) -> Range<Int> {
    var (first, end) = (0, halts.count)
    while first < end, halts[first].halt.woke < from { first += 1 }
    while end > first, halts[end - 1].halt.woke >= to { end -= 1 }
    return first..<end
  }
}
