import PollTrace

/// Which events an instance records, and of which threads.
struct EventSelection {
  let events: [EventName]
  /// Events kept to vCPU threads by a filter; without any thread they stay off.
  private let filtered: [EventName]
  private var enabled: Set<EventName> = []

  init(_ plan: RecordingPlan) {
    let sched = plan.hasSchedulerEvents ? EventName.sched : []
    events = EventName.kvm + sched
    filtered = plan.vms.isEmpty ? sched : events
  }

  /// Makes sure that the kernel has the events.
  func check(in instance: borrowing TraceInstance) throws(CaptureError) {
    for event in events where !instance.has(event.directory) {
      throw CaptureError(
        "\(instance.directory)/\(event.directory): this kernel has no such event",
        remedy: event.system == "kvm"
          ? "Load kvm: sudo modprobe kvm"
          : "Record without scheduler events: --no-sched")
    }
  }

  /// Switches on what needs no thread.
  mutating func begin(in instance: borrowing TraceInstance) throws(CaptureError) {
    for event in events where !filtered.contains(event) { try enable(event, in: instance) }
  }

  /// Keeps the filtered events to `threads`.
  mutating func follow(
    _ threads: Set<ThreadID>, in instance: borrowing TraceInstance
  ) throws(CaptureError) {
    guard !threads.isEmpty else { return }
    for event in filtered {
      let fields = event.threadFields
      let filter = ThreadFilter(threads, fields: fields)
      try instance.write(filter.text(of: fields), to: "\(event.directory)/filter")
      if !enabled.contains(event) { try enable(event, in: instance) }
    }
  }

  private mutating func enable(
    _ event: EventName, in instance: borrowing TraceInstance
  ) throws(CaptureError) {
    try instance.enable(event)
    enabled.insert(event)
  }
}
