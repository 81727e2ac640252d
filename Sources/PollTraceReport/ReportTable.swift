package import PollTrace

/// A report as CSV: a row a vCPU, the figures of the JSON under the same names.
package enum ReportTable {
  private static let columns = [
    "path", "host", "vm_pid", "vm", "vcpu", "tid", "identity", "duration_ns", "halts", "polled",
    "waited", "invalid", "grows", "shrinks", "block_ns_sum", "block_ns_min", "block_ns_p50",
    "block_ns_p90", "block_ns_p99", "block_ns_p999", "block_ns_max", "wake_latency_ns_count",
    "wake_latency_ns_sum", "wake_latency_ns_p50", "wake_latency_ns_p99", "window_ns_last",
    "window_ns_mean_by_halt", "window_ns_max", "ceiling_ns", "halt_attempted_poll",
    "halt_successful_poll", "halt_poll_invalid", "halt_poll_success_ns", "halt_poll_fail_ns",
    "halt_wait_ns", "halts_left_out", "abandoned_polls", "decisions_recorded",
    "decisions_reproduced", "decisions_contradicted", "gaps",
  ]

  /// `report` with a line of names before its rows; what is not known is empty.
  package static func text(_ report: Report) -> String {
    let rows = report.traces.flatMap { trace in
      trace.vcpus.map { row($0, of: trace).joined(separator: ",") }
    }
    return ([columns.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
  }

  private static func row(_ vcpu: VCPUReport, of trace: TraceReport) -> [String] {
    let (identity, figures) = (vcpu.identity, FiguresBody(vcpu.figures))
    let (block, latency) = (figures.block_ns, figures.wake_latency_ns)
    let (window, decisions) = (figures.window_ns, figures.decisions)
    let who = [
      CSVField.text(trace.trace.path), CSVField.text(trace.trace.facts?.host ?? ""),
      field(identity.process?.rawValue), CSVField.text(identity.vm ?? ""), field(identity.vcpu),
      field(identity.thread.rawValue), identity.source.rawValue,
    ]
    let halts = [
      field(figures.duration_ns), field(figures.halts), field(figures.polled),
      field(figures.waited), field(figures.invalid), field(figures.grows), field(figures.shrinks),
    ]
    let lengths = [
      field(block.sum), field(block.min), field(block.p50), field(block.p90), field(block.p99),
      field(block.p999), field(block.max), field(latency.count), field(latency.sum),
      field(latency.p50), field(latency.p99),
    ]
    let windows = [
      field(window.last), field(window.mean_by_halt), field(window.max), field(vcpu.ceiling),
    ]
    let counters = figures.kernel_counters
    let polls = [
      field(counters.halt_attempted_poll), field(counters.halt_successful_poll),
      field(counters.halt_poll_invalid), field(counters.halt_poll_success_ns),
      field(counters.halt_poll_fail_ns), field(counters.halt_wait_ns),
      field(counters.halts_left_out),
    ]
    let checks = [
      field(figures.abandoned_polls.count), field(decisions.recorded), field(decisions.reproduced),
      field(decisions.contradicted), field(figures.gaps),
    ]
    return who + halts + lengths + windows + polls + checks
  }

  /// A number; empty where there is none.
  private static func field(_ number: (some CustomStringConvertible)?) -> String {
    number?.description ?? ""
  }
}
