package import PollTrace

/// Events as the lines of `cat trace`, with times in ns.
package enum FtraceLines {
  /// A line for each wake-up and decision of `events`.
  package static func of(_ events: [Event]) -> [String] { events.compactMap(line) }

  /// A line for each of `events`, the scheduler's too.
  package static func all(_ events: [Event]) -> [String] {
    events.compactMap { line($0) ?? schedulerLine($0) }
  }

  /// A file of `lines`.
  package static func file(_ lines: [String]) -> [UInt8] {
    Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  private static func line(_ event: Event) -> String? {
    words(event.kind).map { line(event, "CPU 0/KVM", $0) }
  }

  private static func schedulerLine(_ event: Event) -> String? {
    switch event.kind {
    case .switched(let next, let stillRunnable):
      line(
        event, "CPU 0/KVM",
        "sched_switch: prev_comm=CPU 0/KVM prev_pid=\(event.thread.rawValue) prev_prio=120 "
          + "prev_state=\(stillRunnable ? "R" : "S") ==> next_comm=x next_pid=\(next.rawValue) "
          + "next_prio=120")
    case .waking(let woken, let target, _):
      line(
        event, "<idle>",
        "sched_waking: comm=CPU 0/KVM pid=\(woken.rawValue) prio=120 target_cpu=\(target.rawValue)")
    default: nil
    }
  }

  private static func line(_ event: Event, _ comm: String, _ words: String) -> String {
    let (seconds, rest) = event.time.rawValue.quotientAndRemainder(dividingBy: 1_000_000_000)
    let digits = String(1_000_000_000 + rest).dropFirst()
    let cpu = String(1_000 + event.cpu.rawValue).dropFirst()
    return "  \(comm)-\(event.thread.rawValue)  [\(cpu)] .....  \(seconds).\(digits): \(words)"
  }

  private static func words(_ kind: Event.Kind) -> String? {
    switch kind {
    case .wakeup(let block, let ending, let isValid):
      "kvm_vcpu_wakeup: \(ending == .slept ? "wait" : "poll") time \(block.rawValue) ns, polling "
        + (isValid ? "valid" : "invalid")
    case .decision(let decision):
      "kvm_halt_poll_ns: vcpu \(decision.vcpu): halt_poll_ns \(decision.new) "
        + "(\(decision.move == .grow ? "grow" : "shrink") \(decision.old))"
    default: nil
    }
  }
}
