internal import PollTrace
package import PollTraceReplay

/// A sweep as CSV (`Fleet/SweepTable+CSV`), JSON and text.
package enum SweepTable {
  /// Schema `polltrace.sweep/1`: every setting, and which are on the front.
  package static func json(_ sweep: Sweep, _ objective: Objective) -> String {
    let row = { (row: Sweep.Row) -> JSONObject in
      [
        "parameters": row.parameters.json, "predicted": row.outcome.json(sweep.time, objective),
      ]
    }
    let body: JSONObject = [
      "schema": "polltrace.sweep/1", "objective": objective.rawValue,
      "settings": sweep.rows.map(row), "front": sweep.front.map(row),
    ]
    return body.text
  }

  /// The front, by rising poll CPU.
  package static func text(_ sweep: Sweep, _ objective: Objective) -> String {
    let shown = sweep.front.thinned(by: \.outcome)
    let rows = shown.map { row in
      row.parameters.values.map { "\($0)" } + [
        Numbers.percent(row.outcome.pollShare(of: sweep.time)),
        Numbers.percent(row.outcome.hitRate), Numbers.time(row.outcome.meanLatency),
        Numbers.time(sweep.time > 0 ? objective.cost(row.outcome) / sweep.time * 1e9 : 0),
      ]
    }
    let header = [
      "halt_poll_ns", "grow", "grow_start", "shrink", "polling", "hits", "latency", "cost/s",
    ]
    let lines =
      [
        "\(Numbers.grouped(sweep.rows.count)) settings; \(shown.count) of the "
          + "\(sweep.front.count) that no other beats on both poll CPU and wake-up latency:",
        "",
      ] + Table(header, rows).lines()
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Sequence {
  /// Those whose latency is a twentieth lower than that of the one before, at least.
  func thinned(by outcome: (Element) -> PollOutcome) -> [Element] {
    var kept: [Element] = []
    for element in self {
      let latency = Double(outcome(element).latency)
      if let last = kept.last, latency >= 0.95 * Double(outcome(last).latency) { continue }
      kept.append(element)
    }
    return kept
  }
}
