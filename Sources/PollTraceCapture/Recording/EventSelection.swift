import PollTrace

/// Which events an instance records, and of which threads.
///
/// Scheduler events are kept to vCPU threads by in-kernel filters. Threads that are named as VMMs
/// name vCPUs pass by their name, so that those of a VM that starts while recording pass from their
/// first halt on; others pass by their id, once they have been found. Where only some VMs are
/// wanted every event is filtered, and by id alone. Interrupts that vCPUs accept are recorded while
/// switches of other tasks are: they belong to the same budget, and no filter can tell whose they are.
struct EventSelection {
  let events: [EventName]
  private let filtered: [EventName]
  private let isByName: Bool
  private let isGuest: Bool
  private let hasAcceptances: Bool
  private var enabled: Set<EventName> = []

  /// A guest's decisions without those that leave a limit of 0: the kernel traces one at each halt.
  static let guestFilter = "old != 0 || new != 0"

  init(_ plan: RecordingPlan, in instance: borrowing TraceInstance) {
    isGuest = plan.isGuest
    guard !plan.isGuest else {
      // Since 6.4; it tells when a CPU was woken.
      let interrupt = plan.scheduler == .none ? [] : [EventName.interrupt]
      events = EventName.guest + interrupt.filter { instance.has($0.directory) }
      (filtered, isByName, hasAcceptances) = ([], true, false)
      return
    }
    let sched = plan.scheduler == .none ? [] : EventName.sched
    isByName = plan.vms.isEmpty
    // x86 only; hardware that posts interrupts itself leaves out most.
    hasAcceptances =
      plan.scheduler == .full && !KVMModule.postsInterrupts
      && instance.has(EventName.acceptance.directory)
    events = EventName.kvm + sched + (hasAcceptances ? [.acceptance] : [])
    filtered = isByName ? sched : EventName.kvm + sched
  }

  /// Makes sure that the kernel has the events.
  func check(in instance: borrowing TraceInstance) throws(CaptureError) {
    for event in events where !instance.has(event.directory) {
      throw CaptureError(
        "\(instance.directory)/\(event.directory): this kernel has no such event",
        remedy: isGuest
          ? "Kernels have it from 6.0 on, with CONFIG_CPU_IDLE_GOV_HALTPOLL"
          : event.system == "kvm"
            ? "Load kvm: sudo modprobe kvm"
            : "Record without scheduler events: --no-sched")
    }
  }

  /// Switches on what needs no filter.
  mutating func begin(in instance: borrowing TraceInstance) throws(CaptureError) {
    if isGuest {
      try instance.write(
        Self.guestFilter, to: "\(EventName.guestDecision.directory)/filter")
    }
    for event in events where !filtered.contains(event) && event != .acceptance {
      try enable(event, in: instance)
    }
  }

  /// Keeps the filtered events to the vCPU threads of `scan`, and switches also to those that `idle` lets
  /// through; events stay off where a filter would be empty.
  mutating func follow(
    _ scan: VCPUScan, idle: String = "", in instance: borrowing TraceInstance
  ) throws(CaptureError) {
    let threads = isByName ? scan.unnamedThreads : scan.threads
    for event in filtered {
      let filter = Self.filter(
        threads, event, isByName: isByName, idle: event == .switching ? idle : "")
      guard !filter.isEmpty else { continue }
      try instance.write(filter, to: "\(event.directory)/filter")
      if !enabled.contains(event) { try enable(event, in: instance) }
    }
    guard hasAcceptances, enabled.contains(.acceptance) == idle.isEmpty else { return }
    if idle.isEmpty {
      try instance.disable(.acceptance)
      enabled.remove(.acceptance)
    } else {
      try enable(.acceptance, in: instance)
    }
  }

  /// The filter of `event` for `threads` and, `isByName`, all that are named for a vCPU; what `idle` lets
  /// through passes as well.
  static func filter(
    _ threads: Set<ThreadID>, _ event: EventName, isByName: Bool, idle: String = ""
  ) -> String {
    let names =
      isByName
      ? event.nameFields.flatMap { field in
        VCPUThreadName.globs.map { "\(field)~\"\($0)\"" }
      }.joined(separator: "||") : ""
    let fields = event.threadFields
    let room = ThreadFilter.limit - names.utf8.count - idle.utf8.count - 4
    let ids = ThreadFilter(threads, fields: fields, limit: room).text(of: fields)
    guard !names.isEmpty || !ids.isEmpty else { return "" }
    return [names, ids, idle].filter { !$0.isEmpty }.joined(separator: "||")
  }

  private mutating func enable(
    _ event: EventName, in instance: borrowing TraceInstance
  ) throws(CaptureError) {
    try instance.enable(event)
    enabled.insert(event)
  }
}
