package import PollTrace
internal import PollTraceReport

/// Halts as CSV (RFC 4180, lines end in LF): a row a halt, written as they come.
///
/// The columns are described in docs/export.md. A field that is not known is empty.
package struct HaltTable {
  private var text = ByteText()
  /// The fields of each vCPU that stay the same: trace, host, pid, VM, vCPU, thread.
  private let beginnings: [[UInt8]]
  private let clockIsTime: Bool

  /// The names of the columns, in order.
  package static let columns = [
    "trace", "host", "vm_pid", "vm", "vcpu", "tid", "cpu", "woke_ns", "began_ns", "block_ns",
    "ending", "valid", "window_before_ns", "window_after_ns", "decision", "poll", "poll_ns",
    "switched_out_ns", "wake_latency_ns", "waker", "waker_tid",
  ]
  package static var header: [UInt8] { Array((columns.joined(separator: ",") + "\n").utf8) }

  package init(_ report: TraceReport) {
    clockIsTime = report.trace.clock.isTime
    beginnings = report.vcpus.map { vcpu in
      let identity = vcpu.identity
      let fields = [
        report.trace.path.csv, report.trace.facts?.host.csv ?? "",
        identity.process.map { "\($0.rawValue)" } ?? "", identity.vm?.csv ?? "",
        identity.vcpu.map { "\($0)" } ?? "",
        identity.thread.isKnown ? "\(identity.thread.rawValue)" : "",
      ]
      return Array((fields.joined(separator: ",") + ",").utf8)
    }
  }

  /// Rows of `halts`.
  package mutating func rows(of halts: [ReportedHalt]) -> [UInt8] {
    text.removeAll()
    for halt in halts {
      text.append(beginnings[halt.vcpu])
      append(halt.halt)
    }
    return text.bytes
  }

  private mutating func append(_ windowed: WindowedHalt) {
    let halt = windowed.halt
    if halt.cpu != .unknown { text.append(halt.cpu.rawValue) }
    text.comma()
    text.append(halt.woke.rawValue)
    text.comma()
    if clockIsTime { text.append(halt.began.rawValue) }
    text.comma()
    text.append(halt.block.rawValue)
    text.append(halt.ending == .polled ? ",polled," : ",waited,")
    text.append(halt.isValid ? "true," : "false,")
    text.append(windowed.window)
    text.comma()
    text.append(windowed.left)
    text.comma()
    switch halt.decision?.move {
    case .grow: text.append("grow,")
    case .shrink: text.append("shrink,")
    case nil: text.comma()
    }
    switch windowed.pollEnd {
    case .notAttempted: text.append("none,")
    case .success: text.append("success,")
    case .failed: text.append("failed,")
    case .abandoned: text.append("abandoned,")
    case nil: text.comma()
    }
    text.append(windowed.poll?.rawValue)
    text.comma()
    if case .measured(let switched) = halt.poll { text.append(switched.rawValue) }
    text.comma()
    text.append(halt.wakeLatency?.rawValue)
    switch halt.waker {
    case .unknown: text.append(",,")
    case .interrupt: text.append(",interrupt,")
    case .taskOnSameCPU: text.append(",task_same_cpu,")
    case .taskElsewhere: text.append(",task_elsewhere,")
    }
    // An interrupt's task is whoever happened to be running.
    if let waker = halt.wokenBy, waker.isKnown, halt.waker != .interrupt {
      text.append(UInt32(bitPattern: waker.rawValue))
    }
    text.append(0x0a)
  }
}
