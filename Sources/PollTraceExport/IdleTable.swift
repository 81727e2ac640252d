package import PollTrace
internal import PollTraceReport

/// A guest's idle times as CSV (RFC 4180, lines end in LF): a row an idle time, written as they come.
///
/// The columns are those of `HaltTable` where they mean the same. A field that is not known is empty.
package struct IdleTable {
  private var text = ByteText()
  /// Trace and host, the same in each row.
  private let beginning: String

  /// The names of the columns, in order.
  package static let columns = [
    "trace", "host", "cpu", "woke_ns", "began_ns", "idle_ns", "ending", "has_work", "poll",
    "poll_ns", "halt_ns", "window_before_ns", "window_after_ns", "decision", "wake_latency_ns",
  ]
  package static var header: [UInt8] { Array((columns.joined(separator: ",") + "\n").utf8) }

  package init(_ report: TraceReport) {
    beginning = "\(report.trace.path.csv),\(report.trace.facts?.host.csv ?? ""),"
  }

  /// Rows of `idles`.
  package mutating func rows(of idles: [KeptIdle]) -> [UInt8] {
    text.removeAll()
    for kept in idles {
      text.append(beginning)
      text.append(kept.cpu.rawValue)
      text.comma()
      append(kept.idle)
    }
    return text.bytes
  }

  private mutating func append(_ limited: LimitedIdle) {
    let idle = limited.idle
    text.append(idle.ended.rawValue)
    text.comma()
    text.append(idle.began.rawValue)
    text.comma()
    text.append(idle.length.rawValue)
    text.append(idle.halted == nil ? ",polled," : ",halted,")
    text.append(idle.hasWork.map { $0 ? "true," : "false," } ?? ",")
    text.append(idle.poll == nil ? "none," : idle.halted == nil ? "success," : "failed,")
    text.append(idle.poll?.rawValue)
    text.comma()
    text.append(idle.halt?.rawValue)
    text.comma()
    text.append(limited.limit)
    text.comma()
    text.append(limited.next)
    text.comma()
    if let decision = idle.decision { text.append("\(decision.move)") }
    text.comma()
    text.append(idle.wakeLatency?.rawValue)
    text.append(0x0a)
  }
}
