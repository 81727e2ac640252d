internal import PollTrace
package import PollTraceReplay

/// A recommendation as JSON, schema `polltrace.recommendation/1`.
package enum JSONRecommendation {
  /// `recommendation` as indented JSON with sorted keys and a newline at the end.
  package static func text(_ recommendation: Recommendation) -> String {
    recommendation.json.text
  }
}

extension Recommendation {
  var json: JSONObject {
    let words = Advice(self)
    let choice = { (choice: Choice) in choice.json(time, objective) }
    return [
      "schema": "polltrace.recommendation/1", "side": "host", "objective": objective.rawValue,
      "constraint": [
        "max_poll_cpu_share": maxPollShare, "max_wake_latency": promise?.limit.json,
        "latency_weight": objective.latencyWeight,
      ] as JSONObject,
      "promise": promise?.json, "verdict": verdict.name, "why_not": words.whyNot,
      "current": choice(current),
      "recommended": recommended.map(choice), "choices": choices.map(choice),
      "front": front.map(choice), "alternatives": alternatives.map { $0.json(words) },
      "per_vm": perVM.map { $0.json(words) }, "unreached": unreached.map(\.json),
      "recorded_under": JSONReplay.recordedUnder(recordedUnder), "evidence": evidenceJSON,
      "to_be_surer": words.nextStep, "why": words.why, "warnings": words.warnings,
      "apply": words.apply, "undo": words.undo,
    ]
  }

  private var evidenceJSON: JSONObject {
    let blocks: JSONObject = trialBlocks > 0 ? ["trial_blocks": trialBlocks] : [:]
    return blocks + [
      "halts": halts, "duration_ns": time, "decisions_recorded": fidelity.recorded,
      "decisions_reproduced": fidelity.reproduced,
      "holdout": holdout.map {
        [
          "fitted_on": "first half", "checked_on": "second half", "cost_ratio": $0.costRatio,
        ] as JSONObject
      },
      "worst_gain_ns": worstGain?.near, "worst_gain_ns_placed_otherwise": worstGain?.far,
    ]
  }
}

extension Recommendation.Verdict {
  fileprivate var name: String {
    switch self {
    case .change: "change"
    case .keep: "keep"
    case .none: "none"
    }
  }
}

extension Recommendation.PerVM {
  fileprivate func json(_ words: Advice) -> JSONObject {
    [
      "vm": vm, "ceiling_ns": ceiling, "own_ceiling_ns": ownCeiling, "cost_ratio": costRatio,
      "why": words.why(self),
    ]
  }
}

extension Recommendation.Unreached {
  fileprivate var json: JSONObject {
    [
      "vm": vm, "ceiling_ns": ceiling, "vcpus": vcpus,
      "poll_cpu_share": time > 0 ? pollTime / time : 0,
    ]
  }
}

extension Alternative {
  fileprivate func json(_ words: Advice) -> JSONObject {
    [
      "name": name.rawValue, "wake_latency_ns": latencies?.object, "cpu_share": cpuShare,
      "wake_latency_sum_ns": latencySum,
      "guest_halt_poll_ns": guestSetting?.most,
      "guest_halt_poll_grow_start": guestSetting?.growStart,
      "assumed_latency_ns": assumedLatency, "needs": needs, "verdict": words.verdict(of: self),
    ]
  }
}

extension Choice {
  /// The prediction has its uncertainty, where there is one; what was measured is null for a setting
  /// that did not hold all the time.
  fileprivate func json(_ time: Double, _ objective: Objective) -> JSONObject {
    [
      "name": name.rawValue, "parameters": parameters?.json,
      "predicted": prediction?.json(time, objective) ?? outcome.json(time, objective),
      "recorded": recorded.map { $0.json(time, objective) + recordedLatencies.json },
      "cost_ns": objective.cost(outcome),
    ]
  }
}
