internal import PollTrace
internal import PollTraceReplay
package import PollTraceTrial

/// A trial as JSON, schema `polltrace.trial/1`.
package enum JSONTrial {
  /// `report` as indented JSON with sorted keys and a newline at the end.
  package static func text(_ report: TrialReport) -> String {
    let words = TrialWords(report)
    let design = report.design
    let json: JSONObject = [
      "schema": "polltrace.trial/1", "target": report.target,
      "objective": report.objective.rawValue,
      "max_wake_latency": report.limit.map {
        ["statistic": $0.statistic.rawValue, "limit_ns": $0.most.rawValue] as JSONObject
      },
      "seed": design.seed, "block_ns": design.block.rawValue,
      "settling_ns": design.settling.rawValue, "rounds": design.rounds.count,
      "current": report.settings[0].json,
      "tried": report.settings.dropFirst().map(\.json),
      "blocks": report.blocks.map { $0.json(report) },
      "effects": report.effects.map(\.json),
      "verdict": report.outcome.rawValue, "finding": finding(report.verdict),
      "better": better(report.verdict), "reason": words.verdict,
      "ended_early": report.end != .planned, "restored": report.isRestored,
      "left_alone": report.leftAlone, "notes": report.notes,
      "unreached": report.unreached.map { ["vm": $0.vm, "ceiling_ns": $0.ceiling] as JSONObject },
      "latency_source": report.latencySource.rawValue,
    ]
    return json.text
  }

  private static func finding(_ verdict: TrialVerdict) -> String {
    switch verdict {
    case .better: "better"
    case .harmful: "harmful"
    case .indifferent: "no difference"
    case .undecided: "undecided"
    }
  }

  /// The candidate that is better, from 1 on.
  private static func better(_ verdict: TrialVerdict) -> Int? {
    if case .better(let setting) = verdict { return setting }
    return nil
  }
}

extension TrialReport.Setting {
  fileprivate var json: JSONObject {
    [
      "setting": list, "parameters": JSONObject(parameters.map { ($0.name, $0.value) }),
      "predicted": predicted.map {
        [
          "cost_ratio": $0.ratio, "cost_ratio_low": $0.range.lowerBound,
          "cost_ratio_high": $0.range.upperBound,
        ] as JSONObject
      },
    ]
  }
}

extension TrialBlock {
  fileprivate func json(_ report: TrialReport) -> JSONObject {
    [
      "round": round, "setting": setting, "begin_ns": begin.rawValue,
      "duration_ns": measure.length.rawValue,
      "kernel_counters": counted.map { $0.json(report.objective) },
    ] + measure.json(report.objective)
  }
}

extension BlockMeasure {
  fileprivate func json(_ objective: Objective) -> JSONObject {
    [
      "halts": outcome.halts, "halts_per_second": rate, "cpus": cpus, "hit_rate": outcome.hitRate,
      "hit_rate_is_exact": hitsAreExact, "poll_cpu_share": pollShare,
      "wake_latency_ns": [
        "mean": latency(.mean), "p50": latency(.p50), "p99": latency(.p99), "p999": latency(.p999),
      ] as JSONObject,
      "wake_latencies": latencies?.count,
      "cost_ns": latencyIsKnown ? Optional(objective.cost(outcome)) : nil, "lost_events": lost,
      "carried_over": isCarriedOver,
      "cpu_pressure": pressure, "cpu_steal": steal,
    ]
  }
}

extension TrialEffect {
  fileprivate var json: JSONObject {
    let isBounded = range.upperBound.isFinite
    return [
      "setting": setting, "pairs": pairs, "pairs_left_out": left,
      "cost_ratio": pairs > 0 ? Optional(ratio) : nil,
      "low": isBounded ? Optional(range.lowerBound) : nil,
      "high": isBounded ? Optional(range.upperBound) : nil, "error": error,
      "halts_per_second_ratio": [
        "value": rate.value, "low": rate.range.lowerBound, "high": rate.range.upperBound,
      ] as JSONObject,
      "harm": harm.map { "\($0)" }, "method": Self.method,
    ]
  }
}
