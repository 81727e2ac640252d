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

  /// Those of a guest's CPUs.
  private static let guestColumns: KeyValuePairs = [
    "path": "", "host": "", "cpu": "", "duration_ns": "", "idles": "", "polled": "", "halted": "",
    "idle_wakes": "", "grows": "", "shrinks": "", "poll_success_ns": "", "poll_fail_ns": "",
    "poll_ns_count": "poll_ns.count", "poll_ns_sum": "poll_ns.sum", "poll_ns_p50": "poll_ns.p50",
    "poll_ns_p99": "poll_ns.p99", "halt_ns_sum": "halt_ns.sum", "halt_ns_min": "halt_ns.min",
    "halt_ns_p50": "halt_ns.p50", "halt_ns_p90": "halt_ns.p90", "halt_ns_p99": "halt_ns.p99",
    "halt_ns_p999": "halt_ns.p999", "halt_ns_max": "halt_ns.max",
    "wake_latency_ns_count": "wake_latency_ns.count", "wake_latency_ns_sum": "wake_latency_ns.sum",
    "wake_latency_ns_p50": "wake_latency_ns.p50", "wake_latency_ns_p99": "wake_latency_ns.p99",
    "window_ns_last": "window_ns.last", "window_ns_mean_by_halt": "window_ns.mean_by_halt",
    "window_ns_max": "window_ns.max", "decisions_recorded": "decisions.recorded",
    "decisions_reproduced": "decisions.reproduced",
    "decisions_contradicted": "decisions.contradicted", "gaps": "",
  ]

  private static func paths(_ columns: KeyValuePairs<String, String>) -> [[String]] {
    columns.map { name, place in
      (place.isEmpty ? name : place).split(separator: ".").map(String.init)
    }
  }

  /// `report` with a line of names before its rows; what is not known is empty.
  package static func text(_ report: Report) -> String {
    if report.isGuests { return guestText(report) }
    let paths = paths(columns)
    let rows = report.traces.enumerated().flatMap { number, trace in
      trace.vcpus.map { vcpu in
        let figures =
          ["path": trace.trace.path, "host": trace.trace.facts?.host] + vcpu.json(trace: number)
        return paths.map { figures.field($0[...]) }
      }
    }
    return ([columns.map(\.key)] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  /// A row a CPU of a guest.
  private static func guestText(_ report: Report) -> String {
    let paths = paths(guestColumns)
    let rows = report.traces.enumerated().flatMap { number, trace in
      (trace.guest?.cpus ?? []).map { cpu in
        let figures =
          ["path": trace.trace.path, "host": trace.trace.facts?.host] + cpu.json(trace: number)
        return paths.map { figures.field($0[...]) }
      }
    }
    return ([guestColumns.map(\.key)] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }
}
