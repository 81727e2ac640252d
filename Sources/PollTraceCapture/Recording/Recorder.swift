package import PollTrace

/// Records a host's halts into a trace.dat.
package enum Recorder {
  /// Records what `plan` says, to its end.
  ///
  /// Works in a tracefs instance of its own, which is gone when this returns or throws. A `companion` whose
  /// `begin` was called is told of the end as well.
  package static func record(
    _ plan: RecordingPlan, with companion: (any RecordingCompanion)? = nil,
    note: (RecordingNote) -> Void, progress: (RecordingProgress) -> Void
  ) throws(CaptureError) -> RecordingSummary {
    var signals = BlockedSignals()
    let removed = StaleInstances.remove()
    if !removed.isEmpty { note(.removed(removed)) }
    var scan = VCPUScan(wanted: plan.vms)
    if plan.isGuest {
      try requirePolling()
    } else {
      _ = scan.update()
      try requireVM(scan, plan)
    }
    let parts = try RecordingParts.create(for: plan.output)
    do throws(SystemError) {
      if plan.isPacked { try parts.askForPacking() } else { try parts.keepRoom() }
    } catch {
      parts.remove()
      throw CaptureError(error, output: plan.output)
    }
    var summary: RecordingSummary
    do throws(CaptureError) {
      let instance = try TraceInstance()
      var recording = Recording(plan, scan, parts, in: instance)
      summary = try recording.run(&signals, companion, note: note, progress: progress)
    } catch {
      parts.remove()
      throw error
    }
    parts.releaseReserve()
    summary.bytes = try parts.join()
    return summary
  }

  /// Makes a trace of a recording that was cut off; gives back its size in bytes.
  package static func recover(output: OSString) throws(CaptureError) -> Int {
    _ = StaleInstances.remove()
    let parts = try RecordingParts.cutOff(of: output)
    parts.releaseReserve()
    try parts.noteCutOff()
    return try parts.join()
  }

  /// Whether this machine can have no VMs, and polls itself: it is a guest.
  package static var isGuestWithoutKVM: Bool {
    !Paths.exists("/sys/module/kvm") && GuestIdling().pollsItself
  }

  /// Whether a recording of this guest would show when another CPU wakes one, and so wake-up latency.
  package static var showsGuestWakes: Bool {
    TraceFS.directory.map { Paths.exists("\($0)/\(EventName.interrupt.directory)") } ?? false
  }

  private static func requirePolling() throws(CaptureError) {
    let idling = GuestIdling()
    guard !idling.pollsItself else { return }
    let governor = idling.governor.isEmpty ? "none" : idling.governor
    throw CaptureError(
      "/sys/devices/system/cpu/cpuidle: the idle governor is \(governor): only haltpoll polls in a guest",
      remedy: "See what this machine lacks: polltrace check")
  }

  private static func requireVM(_ scan: VCPUScan, _ plan: RecordingPlan) throws(CaptureError) {
    guard !plan.vms.isEmpty, plan.command.isEmpty, scan.running.isEmpty else { return }
    throw CaptureError(
      "--vm \(plan.vms.joined(separator: ", ")): no such VM runs here",
      remedy: "See which do: polltrace check")
  }
}
