import PollTrace
import PollTraceCapture

/// What cannot work is refused before anything is written.
extension ChangePlan {
  /// - Throws: why this plan does not work on this machine, whose values are `current`.
  func check(over current: Setting) throws(TuningError) {
    for setting in settings {
      for (parameter, value) in setting.named(of: target) {
        guard current.values[parameter.name] != nil else { throw absent(parameter) }
        guard value <= parameter.most else { throw .usage(parameter.allowed, nil) }
        guard
          value == current.values[parameter.name] || Paths.isWritableByMode(target.path(parameter))
        else { throw readOnly(parameter) }
      }
    }
    guard settings.contains(where: { $0.over(current) != current }) else {
      throw TuningError(
        .nothing, "\(settings.first?.list(for: target) ?? "") is what holds already", nil)
    }
    if !isForced { try checkReach(over: current) }
    if persists, let last = settings.last {
      _ = try BootSetting(target: target, setting: last.over(current)).file()
    }
  }

  private func absent(_ parameter: Parameter) -> TuningError {
    .refused(
      "\(target.path(parameter)): not there: this kernel has no such parameter",
      parameter.name == "halt_poll_ns_grow_start"
        ? "It came with Linux 5.1; before, an interval starts at 10 µs." : nil)
  }

  private func readOnly(_ parameter: Parameter) -> TuningError {
    let isModule = Paths.exists("\(target.root)/sys/module/\(target.module)/initstate")
    let option = "\(parameter.name)=VALUE"
    return .refused(
      "\(target.path(parameter)): read-only on this kernel (its mode), also for root",
      isModule
        ? "Set it where the module is loaded: 'options \(target.module) \(option)' in /etc/modprobe.d, "
          + "with no VM running: modprobe -r and modprobe."
        : "Set it at boot: \(target.module).\(option) on the kernel's command line.")
  }

  /// From 5.8 to 6.0 a VM keeps the longest interval that was set when it was made (acd05785e48c, up to
  /// 9eb8ca049c23).
  private func checkReach(over current: Setting) throws(TuningError) {
    guard target.name == .host else { return }
    let release = Paths.line("\(target.root)/proc/sys/kernel/osrelease") ?? ""
    guard PollRules.of(release: release)?.ceiling == .sampledAtCreation else { return }
    let ceiling = target.ceiling.name
    guard
      settings.contains(where: {
        ($0.values[ceiling] ?? 0) != current.values[ceiling] && $0.values[ceiling] != nil
      })
    else { return }
    var running = RunningVMs()
    _ = running.update()
    guard !running.vms.isEmpty else { return }
    throw .refused(
      "halt_poll_ns would not reach the \(running.vms.count) VMs that run: on kernel "
        + "\(Untrusted(release).terminal) a VM keeps the value it was started with (5.8 to 6.0)",
      "It holds for VMs that start later; --force sets it for those.")
  }
}
