import PollTrace

/// The switches between idle and any task as a recording takes them: within their budget, on the CPUs on
/// which vCPUs may run, and since when.
struct IdleSwitchRecording {
  private let isWanted: Bool
  /// Whether there is a budget, and limits to some CPUs: where the trace's clock can be read, so that
  /// the trace can say when and where they were recorded.
  private let isLimited: Bool
  private let online: CPUSet?
  private var budget = IdleSwitchBudget()
  /// Whether this kernel has filters by CPU: from 6.6 on (linux kernel/trace/trace_events_filter.c, CPUS{}).
  private var filtersCPUs = false
  /// Where they are wanted; nil on all CPUs.
  private var cpus: CPUSet?
  private var done: [IdleSwitches.Span] = []
  private var open: IdleSwitches.Span?
  /// Whether they were recorded all the time on all CPUs.
  private var isWhole = true

  init(_ plan: RecordingPlan) {
    isWanted = plan.scheduler == .full && !plan.isGuest
    isLimited = plan.keepsBudget && Machine.now(on: plan.clock) != nil
    online = CPUTopology.onThisHost?.online
  }

  /// Tries what the kernel's filters can do; nothing is recorded yet.
  mutating func prepare(in instance: borrowing TraceInstance) {
    guard isWanted, isLimited else { return }
    filtersCPUs =
      (try? instance.write("CPU&CPUS{0}", to: "\(EventName.switching.directory)/filter")) != nil
    // A filter that is refused stays on as none.
    try? instance.write("0", to: "\(EventName.switching.directory)/filter")
  }

  /// What lets them through a filter of switches; empty where they are not wanted now.
  var filter: String {
    guard isWanted, budget.isOn else { return "" }
    let any = "prev_pid==0||next_pid==0"
    return cpus.map { "((\(any))&&CPU&CPUS{\($0.text)})" } ?? any
  }

  /// When to look at the budget again.
  var next: Timestamp { isWanted && isLimited ? budget.next : Timestamp(.max) }

  /// vCPUs may run on the CPUs of `affinities`; true where the filter is to be another one.
  mutating func take(_ affinities: VCPUAffinities) -> Bool {
    guard filtersCPUs, isLimited else { return false }
    let all = online.flatMap { affinities.all(of: $0) }
    defer { cpus = all }
    return all != cpus
  }

  /// Looks at the budget, where it is time to; true where the filter is to be another one.
  mutating func look(at now: Timestamp, events: () -> UInt64) -> Bool {
    guard now >= next else { return false }
    return budget.look(at: now, events: events())
  }

  /// Recording begins.
  mutating func begin(at now: Timestamp, clock: Timestamp?) {
    budget.begin(at: now, events: 0)
    start(clock)
    isWhole = isWanted && cpus == nil
  }

  /// The filter holds as it is since `after`; the one before held until `before`.
  ///
  /// Both are times of the trace's clock; `events` were counted.
  mutating func changed(
    at now: Timestamp, before: Timestamp?, after: Timestamp?, events: UInt64
  ) {
    guard isWanted, isLimited else { return }
    if let open, budget.isOn, open.cpus == cpus {
      // Other threads, the same switches.
      return
    }
    isWhole = false
    if let over = spans(until: before).last, open != nil { done.append(over) }
    open = nil
    if budget.isOn { start(after) }
    budget.changed(at: now, events: events)
  }

  private mutating func start(_ since: Timestamp?) {
    guard isWanted, let since else { return }
    open = IdleSwitches.Span(since: since, until: since, cpus: cpus)
  }

  /// When and where they were recorded until `now`; empty where that is all the time and everywhere.
  func spans(until now: Timestamp?) -> [IdleSwitches.Span] {
    guard !isWhole, var open, let now else { return isWhole ? [] : done }
    open.until = max(open.since, now)
    return done + [open]
  }
}
