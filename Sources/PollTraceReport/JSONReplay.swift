internal import PollTrace
package import PollTraceReplay

/// A replay as JSON, schema `polltrace.replay/1`.
package enum JSONReplay {
  /// `report` as indented JSON with sorted keys and a newline at the end.
  package static func text(_ report: ReplayReport) -> String {
    let rules: JSONObject = ["rules": report.rules.name]
    let body: JSONObject = [
      "schema": "polltrace.replay/1", "side": "host", "parameters": report.parameters.json + rules,
      "recorded_parameters": report.recordedParameters.json + rules,
      "recorded_under": JSONReplay.recordedUnder(report.recordedUnder),
      "objective": report.objective.rawValue, "replayed_share": report.replayedShare,
      "recorded": report.recorded.json(report.time, report.objective)
        + report.recordedLatencies.json,
      "predicted": report.predicted.json(report.time, report.objective),
      "vcpus": report.vcpus.map { vcpu in
        [
          "wake_source": vcpu.source?.kind.rawValue,
          "wake_source_decided": vcpu.source?.isDecided,
          "recorded": vcpu.recorded.json(vcpu.time, report.objective)
            + vcpu.recordedLatencies.json,
          "predicted": vcpu.predicted.json(vcpu.time, report.objective),
          "competitor_share": vcpu.competitorShare,
        ] + vcpu.identity.json
      },
      "contention": contention(report),
    ]
    return body.text
  }

  /// Who else wanted the vCPUs' CPUs; nil where that is not recorded.
  private static func contention(_ report: ReplayReport) -> JSONObject? {
    guard let share = report.competitorShare else { return nil }
    return [
      "competitor_share": share,
      "wakers_moved_to_idle_cpu": report.placements.reduce(0) { $0 + $1.moved },
      "wakers_stayed": report.placements.reduce(0) { $0 + $1.stayed },
    ]
  }

  /// Parameters that were in force, and their shares of the recorded time.
  static func recordedUnder(
    _ settings: [(parameters: PollParameters, share: Double)]
  ) -> [JSONObject] {
    settings.map { ["parameters": $0.parameters.json, "share": $0.share] }
  }
}

extension PollOutcome {
  /// What adds up, in the order of the CSV.
  var sums: [(name: String, value: Int64)] {
    [
      ("halts", halts), ("attempted_polls", attempted), ("successful_polls", successful),
      ("abandoned_polls", abandoned), ("poll_success_ns", successTime),
      ("poll_fail_ns", failTime), ("wake_latency_sum_ns", latency),
    ]
  }

  /// What polling did in `time` ns.
  func json(_ time: Double, _ objective: Objective) -> JSONObject {
    JSONObject(sums.map { ($0, $1) }) + [
      "hit_rate": hitRate, "poll_cpu_share": time > 0 ? Optional(pollShare(of: time)) : nil,
      "cost_ns": objective.cost(self),
    ]
  }
}

extension Prediction {
  /// What polling would have done in `time` ns, each rate with its interval.
  ///
  /// `…_low` and `…_high` hold wherever the scheduler places tasks; those with `placed_as_recorded`
  /// where it places them as in the recording.
  func json(_ time: Double, _ objective: Objective) -> JSONObject {
    let estimates = [
      ("hit_rate", hitRate), ("poll_cpu_share", pollShare), ("wake_latency_sum_ns", latency),
      ("cost_ns", cost),
    ]
    let ends = estimates.flatMap { name, estimate in
      [("\(name)_low", estimate.range.lowerBound), ("\(name)_high", estimate.range.upperBound)]
    }
    let near = estimates.map { name, estimate in
      (name, ["low": estimate.near.lowerBound, "high": estimate.near.upperBound] as JSONObject)
    }
    return outcome.json(time, objective) + JSONObject(ends)
      + ["placed_as_recorded": JSONObject(near) + latencies(\.near)] + latencies(\.range)
      + ["uncertainty": JSONObject(estimates.map { ($0, $1.doubt.json) })]
  }

  /// The latency of a halt with each statistic's interval, as `range` has it; an end that no number is
  /// known for is null, and so is what the recording tells nothing of.
  private func latencies(
    _ range: (Estimate) -> ClosedRange<Double>
  ) -> JSONObject {
    guard let wakeLatency else { return ["wake_latency_ns": JSONObject?.none] }
    let values = WakeLatencyLimit.Statistic.allCases.flatMap { statistic in
      let (name, estimate) = (statistic.rawValue, wakeLatency[statistic])
      return [
        (name, estimate.value), ("\(name)_low", range(estimate).lowerBound),
        ("\(name)_high", range(estimate).upperBound),
      ]
    }
    return ["wake_latency_ns": JSONObject(values)]
  }
}

extension Doubt {
  /// The parts of the interval's width, in the figure's unit.
  fileprivate var json: JSONObject {
    ["more_recording": recording, "other_events": events, "nothing_narrows": nothing]
  }
}

extension WakeLatencies<Double> {
  /// Each statistic.
  var object: JSONObject {
    JSONObject(WakeLatencyLimit.Statistic.allCases.map { ($0.rawValue, self[$0]) })
  }
}

extension WakeLatencies<Double>? {
  /// What was recorded; null where there is none.
  var json: JSONObject { ["wake_latency_ns": self?.object] }
}

extension WakeLatencyLimit {
  var json: JSONObject { ["statistic": statistic.rawValue, "ns": most.rawValue] }
}
