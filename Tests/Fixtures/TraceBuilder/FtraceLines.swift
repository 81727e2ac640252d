package import PollTrace

/// Events as the lines of `cat trace`, with times in ns.
package enum FtraceLines {
  /// A line for each wake-up and decision of `events`.
  package static func of(_ events: [Event]) -> [String] { events.compactMap(line) }

  /// A file of `lines`.
  package static func file(_ lines: [String]) -> [UInt8] {
    Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  private static func line(_ event: Event) -> String? {
    guard let words = words(event.kind) else { return nil }
    let (seconds, rest) = event.time.rawValue.quotientAndRemainder(dividingBy: 1_000_000_000)
    let digits = String(1_000_000_000 + rest).dropFirst()
    let cpu = String(1_000 + event.cpu.rawValue).dropFirst()
    return "  CPU 0/KVM-\(event.thread.rawValue)  [\(cpu)] .....  \(seconds).\(digits): \(words)"
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
