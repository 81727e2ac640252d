package import PollTrace

/// A report as CSV: a row a vCPU, the figures of the JSON under the same names.
package enum ReportTable {
  /// The columns, each with its place in the JSON where that is another one.
  private static let columns: KeyValuePairs = [
    "path": "", "host": "", "vm_pid": "vm.pid", "vm": "vm.name", "vcpu": "", "tid": "",
    "identity": "", "duration_ns": "", "halts": "", "polled": "", "waited": "", "invalid": "",
    "grows": "", "shrinks": "", "block_ns_sum": "block_ns.sum", "block_ns_min": "block_ns.min",
    "block_ns_p50": "block_ns.p50", "block_ns_p90": "block_ns.p90",
    "block_ns_p99": "block_ns.p99", "block_ns_p999": "block_ns.p999",
    "block_ns_max": "block_ns.max", "wake_latency_ns_count": "wake_latency_ns.count",
    "wake_latency_ns_sum": "wake_latency_ns.sum", "wake_latency_ns_p50": "wake_latency_ns.p50",
    "wake_latency_ns_p99": "wake_latency_ns.p99", "window_ns_last": "window_ns.last",
    "window_ns_mean_by_halt": "window_ns.mean_by_halt", "window_ns_max": "window_ns.max",
    "ceiling_ns": "ceiling_ns.value", "halt_attempted_poll": "kernel_counters.halt_attempted_poll",
    "halt_successful_poll": "kernel_counters.halt_successful_poll",
    "halt_poll_invalid": "kernel_counters.halt_poll_invalid",
    "halt_poll_success_ns": "kernel_counters.halt_poll_success_ns",
    "halt_poll_fail_ns": "kernel_counters.halt_poll_fail_ns",
    "halt_wait_ns": "kernel_counters.halt_wait_ns",
    "halts_left_out": "kernel_counters.halts_left_out", "abandoned_polls": "abandoned_polls.count",
    "decisions_recorded": "decisions.recorded", "decisions_reproduced": "decisions.reproduced",
    "decisions_contradicted": "decisions.contradicted", "gaps": "",
  ]

  private static let paths = columns.map { name, place in
    (place.isEmpty ? name : place).split(separator: ".").map(String.init)
  }

  /// `report` with a line of names before its rows; what is not known is empty.
  package static func text(_ report: Report) -> String {
    let rows = report.traces.enumerated().flatMap { number, trace in
      trace.vcpus.map { vcpu in
        let figures =
          ["path": trace.trace.path, "host": trace.trace.facts?.host] + vcpu.json(trace: number)
        return paths.map { figures.field($0[...]) }
      }
    }
    return ([columns.map(\.key)] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }
}
