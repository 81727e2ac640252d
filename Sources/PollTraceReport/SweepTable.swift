internal import PollTrace
package import PollTraceReplay

/// A sweep as CSV (additive columns), JSON and text.
package enum SweepTable {
  /// One row a setting and VM; every column but the names and parameters adds up.
  package static func csv(_ sweep: Sweep) -> String {
    var text =
      "halt_poll_ns,halt_poll_ns_grow,halt_poll_ns_grow_start,halt_poll_ns_shrink,vm,vcpus,"
      + "vcpu_time_ns,halts,attempted_polls,successful_polls,abandoned_polls,poll_success_ns,"
      + "poll_fail_ns,wake_latency_sum_ns\n"
    for row in sweep.rows {
      let setting = row.parameters
      for (index, group) in sweep.groups.enumerated() {
        guard let outcome = sweep.outcome(of: index, under: setting) else { continue }
        text +=
          "\(setting.ceiling),\(setting.grow),\(setting.growStart),\(setting.shrink),"
          + "\(CSVField.text(group.vm)),\(group.vcpus),\(Int64(saturating: group.time)),\(outcome.halts),"
          + "\(outcome.attempted),\(outcome.successful),\(outcome.abandoned),"
          + "\(outcome.successTime),\(outcome.failTime),\(outcome.latency)\n"
      }
    }
    return text
  }

  /// Schema `polltrace.sweep/1`: every setting, and which are on the front.
  package static func json(_ sweep: Sweep, _ objective: Objective) throws -> String {
    try JSON.text(Body(sweep, objective))
  }

  private struct Body: Encodable {
    struct Row: Encodable {
      var parameters: SettingBody
      var predicted: OutcomeBody
    }
    var schema = "polltrace.sweep/1"
    var objective: String
    var settings: [Row]
    var front: [Row]

    init(_ sweep: Sweep, _ objective: Objective) {
      let row = { (row: Sweep.Row) in
        Row(
          parameters: SettingBody(row.parameters),
          predicted: OutcomeBody(row.outcome, time: sweep.time, objective))
      }
      self.objective = objective.rawValue
      settings = sweep.rows.map(row)
      front = sweep.front.map(row)
    }
  }

  /// Settings whose latency is a twentieth lower than that of the one before, at least.
  private static func thinned(_ front: [Sweep.Row]) -> [Sweep.Row] {
    var shown: [Sweep.Row] = []
    for row in front
    where shown.last.map({
      Double(row.outcome.latency) < 0.95 * Double($0.outcome.latency)
    }) ?? true {
      shown.append(row)
    }
    return shown
  }

  /// The front, by rising poll CPU.
  package static func text(_ sweep: Sweep, _ objective: Objective) -> String {
    var table = Table([
      "halt_poll_ns", "grow", "grow_start", "shrink", "polling", "hits", "latency", "cost/s",
    ])
    let shown = thinned(sweep.front)
    for row in shown {
      let outcome = row.outcome
      let halts = Double(max(1, outcome.halts))
      table.add([
        "\(row.parameters.ceiling)", "\(row.parameters.grow)", "\(row.parameters.growStart)",
        "\(row.parameters.shrink)",
        Numbers.percent(sweep.time > 0 ? Double(outcome.pollTime) / sweep.time : 0),
        Numbers.percent(Double(outcome.successful) / halts),
        Numbers.time(Double(outcome.latency) / halts),
        Numbers.time(sweep.time > 0 ? objective.cost(outcome) / sweep.time * 1e9 : 0),
      ])
    }
    return
      ([
        "\(Numbers.grouped(UInt64(sweep.rows.count))) settings; \(shown.count) of the "
          + "\(sweep.front.count) that no other beats on both poll CPU and wake-up latency:",
        "",
      ] + table.lines()).joined(separator: "\n") + "\n"
  }
}
