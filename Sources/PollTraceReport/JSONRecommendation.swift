internal import PollTrace
package import PollTraceReplay

/// A recommendation as JSON, schema `polltrace.recommendation/1`.
package enum JSONRecommendation {
  /// `recommendation` as indented JSON with sorted keys and a newline at the end.
  package static func text(_ recommendation: Recommendation) throws -> String {
    try JSON.text(RecommendationBody(recommendation))
  }
}

struct RecommendationBody: Encodable {
  struct Constraint: Encodable {
    @OrNull var max_poll_cpu_share: Double?
    var latency_weight: Double
  }
  struct Evidence: Encodable {
    struct Holdout: Encodable {
      var fitted_on: String
      var checked_on: String
      var cost_ratio: Double
    }
    var halts: UInt64
    var duration_ns: Double
    var decisions_recorded: UInt64
    var decisions_reproduced: UInt64
    @OrNull var holdout: Holdout?
    @OrNull var worst_gain_ns: Double?
    @OrNull var worst_gain_ns_placed_otherwise: Double?
  }
  struct AlternativeBody: Encodable {
    var name: String
    var cpu_share: Double
    var wake_latency_sum_ns: Double
    @OrNull var guest_halt_poll_ns: UInt32?
    @OrNull var guest_halt_poll_grow_start: UInt32?
    @OrNull var assumed_latency_ns: Double?
    var needs: String
    var verdict: String
  }
  struct PerVM: Encodable {
    var vm: String
    var ceiling_ns: UInt32
    @OrNull var own_ceiling_ns: UInt32?
    var cost_ratio: Double
    var why: String
  }
  struct Unreached: Encodable {
    var vm: String
    var ceiling_ns: UInt32
    var vcpus: Int
    var poll_cpu_share: Double
  }

  var schema = "polltrace.recommendation/1"
  var objective: String
  var constraint: Constraint
  var verdict: String
  @OrNull var why_not: String?
  var current: ChoiceBody
  @OrNull var recommended: ChoiceBody?
  var choices: [ChoiceBody]
  var front: [ChoiceBody]
  var alternatives: [AlternativeBody]
  var per_vm: [PerVM]
  var unreached: [Unreached]
  var recorded_under: [RecordedUnder]
  var evidence: Evidence
  var why: [String]
  var warnings: [String]
  var apply: [String]
  var undo: [String]

  init(_ recommendation: Recommendation) {
    let words = Advice(recommendation)
    objective = recommendation.objective.rawValue
    constraint = Constraint(
      max_poll_cpu_share: recommendation.maxPollShare,
      latency_weight: recommendation.objective.latencyWeight)
    switch recommendation.verdict {
    case .change: verdict = "change"
    case .keep: verdict = "keep"
    case .none: verdict = "none"
    }
    why_not = words.whyNot
    let body = { (choice: Choice) in
      ChoiceBody(choice, time: recommendation.time, recommendation.objective)
    }
    current = body(recommendation.current)
    recommended = recommendation.recommended.map(body)
    choices = recommendation.choices.map(body)
    front = recommendation.front.map(body)
    alternatives = recommendation.alternatives.map {
      AlternativeBody(
        name: $0.name.rawValue, cpu_share: $0.cpuShare, wake_latency_sum_ns: $0.latencySum,
        guest_halt_poll_ns: $0.guestSetting?.most,
        guest_halt_poll_grow_start: $0.guestSetting?.growStart,
        assumed_latency_ns: $0.assumedLatency, needs: $0.needs,
        verdict: words.verdict(of: $0))
    }
    per_vm = recommendation.perVM.map {
      PerVM(
        vm: $0.vm, ceiling_ns: $0.ceiling, own_ceiling_ns: $0.ownCeiling,
        cost_ratio: $0.costRatio, why: words.why($0))
    }
    unreached = recommendation.unreached.map {
      Unreached(
        vm: $0.vm, ceiling_ns: $0.ceiling, vcpus: $0.vcpus,
        poll_cpu_share: $0.time > 0 ? $0.pollTime / $0.time : 0)
    }
    recorded_under = recommendation.recordedUnder.map { RecordedUnder($0.parameters, $0.share) }
    evidence = Evidence(
      halts: recommendation.halts, duration_ns: recommendation.time,
      decisions_recorded: recommendation.fidelity.recorded,
      decisions_reproduced: recommendation.fidelity.reproduced,
      holdout: recommendation.holdout.map {
        Evidence.Holdout(
          fitted_on: "first half", checked_on: "second half", cost_ratio: $0.costRatio)
      },
      worst_gain_ns: recommendation.worstGain?.near,
      worst_gain_ns_placed_otherwise: recommendation.worstGain?.far)
    why = words.why
    warnings = words.warnings
    apply = words.apply
    undo = words.undo
  }
}

struct ChoiceBody: Encodable {
  var name: String
  @OrNull var parameters: SettingBody?
  var predicted: Figures
  /// What was measured of it; null for a setting that did not hold all the time.
  @OrNull var recorded: OutcomeBody?
  var cost_ns: Double

  /// A prediction with its uncertainty, or a bare outcome where there is none.
  enum Figures: Encodable {
    case prediction(PredictionBody)
    case outcome(OutcomeBody)
    func encode(to encoder: any Encoder) throws {
      switch self {
      case .prediction(let body): try body.encode(to: encoder)
      case .outcome(let body): try body.encode(to: encoder)
      }
    }
  }

  init(_ choice: Choice, time: Double, _ objective: Objective) {
    name = choice.name.rawValue
    parameters = choice.parameters.map { SettingBody($0) }
    predicted =
      choice.prediction.map { .prediction(PredictionBody($0, time: time, objective)) }
      ?? .outcome(OutcomeBody(choice.outcome, time: time, objective))
    recorded = choice.recorded.map { OutcomeBody($0, time: time, objective) }
    cost_ns = objective.cost(choice.outcome)
  }
}
