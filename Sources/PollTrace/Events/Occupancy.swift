/// A time in which a task that is no vCPU had a CPU, or was runnable on it.
package struct Occupancy: Hashable, Sendable {
  /// When it was switched in, or seen for the first time and stayed; nil where neither was recorded.
  package var entered: Timestamp?
  /// When it gave the CPU away for good.
  package var left: Timestamp
  /// Whether the CPU was idle before.
  package var wasIdle: Bool
  /// The first of the tasks that had it.
  package var task: ThreadID

  package init(entered: Timestamp?, left: Timestamp, wasIdle: Bool, task: ThreadID) {
    (self.entered, self.left) = (entered, left)
    (self.wasIdle, self.task) = (wasIdle, task)
  }
}

/// Follows, by the switches of a source, which CPUs tasks other than vCPUs have.
///
/// Switches between two such tasks need not be recorded: the CPU stays occupied. A task that a vCPU
/// preempts stays runnable until it was seen to leave.
package struct OccupancyTracker: Sendable {
  private struct Open {
    var entered: Timestamp?
    var wasIdle: Bool
    var task: ThreadID
  }
  private var open: [CPU: Open] = [:]
  /// By CPU, in order of time.
  package private(set) var found: [CPU: [Occupancy]] = [:]
  /// Whether a switch between the idle task and a task that is no vCPU was seen: without such
  /// switches a task's end does not show.
  package private(set) var hasIdleSwitches = false
  private let vcpus: Set<ThreadID>
  /// When such switches were recorded, and how far that is looked up by CPU.
  private let recorded: IdleSwitches
  private let isAlways: Bool
  private var known: [CPU: (isKnown: Bool, until: Timestamp)] = [:]
  /// Only what lies in this time is kept.
  private let span: Range<Timestamp>
  /// How many are kept; of more none are.
  private let most: Int
  private var count = 0
  /// Whether there were more than are kept.
  package var isTooMuch: Bool { count > most }
  /// Until when they were not too many; nil where they never were.
  package private(set) var tooMuchFrom: Timestamp?

  /// `recorded` is when switches with the idle task were recorded: what happened at other times is unknown.
  package init(
    vcpus: Set<ThreadID>, most: Int, recorded: IdleSwitches = .always,
    in span: Range<Timestamp> = Timestamp(0)..<Timestamp(.max)
  ) {
    (self.vcpus, self.most, self.recorded, self.span) = (vcpus, most, recorded, span)
    isAlways = recorded == .always
  }

  /// Takes the next events in, those of a CPU in order of time.
  package mutating func add(_ events: Span<Event>) {
    guard !isTooMuch else { return }
    for index in events.indices { take(events[index]) }
  }

  /// By itself: Swift 6.3's optimizer fails on this in a loop over a span.
  @inline(never)
  private mutating func take(_ event: Event) {
    switch event.what {
    case .switched: if isAlways || isKnown(at: event) { add(event) }
    // Who has the CPU is not known any more.
    case .lost: open[event.cpu] = nil
    case .wakeup, .decision, .waking, .switchedIn, .guestDecision, .idle, .interrupted, .accepted:
      break
    }
  }

  /// Whether switches are recorded at the time of `event`; what was known before ends with its span.
  private mutating func isKnown(at event: Event) -> Bool {
    let (cpu, time) = (event.cpu, event.time)
    let before = known[cpu] ?? (false, Timestamp(0))
    guard time >= before.until else { return before.isKnown }
    let now = recorded.state(on: cpu, at: time)
    known[cpu] = now
    if before.isKnown, !recorded.cover(cpu, from: before.until, to: time),
      let over = open.removeValue(forKey: cpu)
    {
      keep(over, until: before.until, on: cpu)
    }
    return now.isKnown
  }

  /// Takes the next switch of a CPU in.
  private mutating func add(_ event: Event) {
    let (previous, next) = (event.subject, event.other)
    let wasTask = isTask(previous)
    let isTask = isTask(next)
    if (wasTask && next == .idle) || (isTask && previous == .idle) { hasIdleSwitches = true }
    let isPreempted = wasTask && !event.flag && next != .idle
    if wasTask, open[event.cpu] == nil {
      // When it came is not known; one that stays runnable is there from now on.
      open[event.cpu] = Open(
        entered: isPreempted ? event.time : nil, wasIdle: false, task: previous)
    }
    if !isTask, !isPreempted, let over = open.removeValue(forKey: event.cpu) {
      keep(over, until: event.time, on: event.cpu)
    }
    if isTask, open[event.cpu] == nil {
      open[event.cpu] = Open(entered: event.time, wasIdle: previous == .idle, task: next)
    }
  }

  /// The trace ends at `end`.
  package mutating func finish(at end: Timestamp) {
    for (cpu, over) in open {
      keep(over, until: isAlways ? end : min(end, known[cpu]?.until ?? end), on: cpu)
    }
    open = [:]
  }

  private func isTask(_ thread: ThreadID) -> Bool { thread != .idle && !vcpus.contains(thread) }

  private mutating func keep(_ over: Open, until end: Timestamp, on cpu: CPU) {
    guard end >= span.lowerBound, over.entered ?? end < span.upperBound else { return }
    count += 1
    guard !isTooMuch else {
      tooMuchFrom = tooMuchFrom ?? end
      found = [:]
      return
    }
    found[cpu, default: []].append(
      Occupancy(entered: over.entered, left: end, wasIdle: over.wasIdle, task: over.task))
  }
}
