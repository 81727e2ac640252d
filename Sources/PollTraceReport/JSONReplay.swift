internal import PollTrace
package import PollTraceReplay

/// A replay as JSON, schema `polltrace.replay/1`.
package enum JSONReplay {
  /// `report` as indented JSON with sorted keys and a newline at the end.
  package static func text(_ report: ReplayReport) throws -> String {
    try JSON.text(ReplayBody(report))
  }
}

private struct ReplayBody: Encodable {
  struct VCPU: Encodable {
    var vm: VCPUBody.VM
    @OrNull var vcpu: UInt32?
    var tid: Int32
    @OrNull var wake_source: String?
    @OrNull var wake_source_decided: Bool?
    var recorded: OutcomeBody
    var predicted: PredictionBody
  }
  var schema = "polltrace.replay/1"
  var parameters: RuledSettingBody
  var recorded_parameters: RuledSettingBody
  var recorded_under: [RecordedUnder]
  var objective: String
  var replayed_share: Double
  var recorded: OutcomeBody
  var predicted: PredictionBody
  var vcpus: [VCPU]

  init(_ report: ReplayReport) {
    parameters = RuledSettingBody(report.parameters, report.rules)
    recorded_parameters = RuledSettingBody(report.recordedParameters, report.rules)
    recorded_under = report.recordedUnder.map { RecordedUnder($0.parameters, $0.share) }
    objective = report.objective.rawValue
    replayed_share = report.replayedShare
    recorded = OutcomeBody(report.recorded, time: report.time, report.objective)
    predicted = PredictionBody(report.predicted, time: report.time, report.objective)
    vcpus = report.vcpus.map { vcpu in
      VCPU(
        vm: VCPUBody.VM(pid: vcpu.identity.process?.rawValue, name: vcpu.identity.vm),
        vcpu: vcpu.identity.vcpu, tid: vcpu.identity.thread.rawValue,
        wake_source: vcpu.source?.kind.rawValue, wake_source_decided: vcpu.source?.isDecided,
        recorded: OutcomeBody(vcpu.recorded, time: vcpu.time, report.objective),
        predicted: PredictionBody(vcpu.predicted, time: vcpu.time, report.objective))
    }
  }
}

/// Parameters that were in force, and their share of the recorded time.
struct RecordedUnder: Encodable {
  var parameters: SettingBody
  var share: Double

  init(_ parameters: PollParameters, _ share: Double) {
    (self.parameters, self.share) = (SettingBody(parameters), share)
  }
}

/// One set of parameters.
struct SettingBody: Encodable {
  var halt_poll_ns: UInt32
  var halt_poll_ns_grow: UInt32
  var halt_poll_ns_grow_start: UInt32
  var halt_poll_ns_shrink: UInt32

  init(_ parameters: PollParameters) {
    halt_poll_ns = parameters.ceiling
    halt_poll_ns_grow = parameters.grow
    halt_poll_ns_grow_start = parameters.growStart
    halt_poll_ns_shrink = parameters.shrink
  }
}

/// One set of parameters, and the rules that give them their meaning.
private struct RuledSettingBody: Encodable {
  private enum Keys: String, CodingKey { case rules }
  private var setting: SettingBody
  private var rules: String

  init(_ parameters: PollParameters, _ rules: PollRules) {
    setting = SettingBody(parameters)
    self.rules = rules.name
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(rules, forKey: .rules)
    try setting.encode(to: encoder)
  }
}

/// What polling did.
struct OutcomeBody: Encodable {
  var halts: Int64
  var hit_rate: Double
  var attempted_polls: Int64
  var successful_polls: Int64
  var abandoned_polls: Int64
  var poll_success_ns: Int64
  var poll_fail_ns: Int64
  @OrNull var poll_cpu_share: Double?
  var wake_latency_sum_ns: Int64
  var cost_ns: Double

  init(_ outcome: PollOutcome, time: Double, _ objective: Objective) {
    halts = outcome.halts
    hit_rate = Double(outcome.successful) / Double(max(1, outcome.halts))
    attempted_polls = outcome.attempted
    successful_polls = outcome.successful
    abandoned_polls = outcome.abandoned
    poll_success_ns = outcome.successTime
    poll_fail_ns = outcome.failTime
    poll_cpu_share = time > 0 ? Double(outcome.pollTime) / time : nil
    wake_latency_sum_ns = outcome.latency
    cost_ns = objective.cost(outcome)
  }
}

/// What polling would have done, each rate with its interval.
///
/// `…_low` and `…_high` hold wherever the scheduler places tasks; those with `placed_as_recorded`
/// where it places them as in the recording.
struct PredictionBody: Encodable {
  struct Interval: Encodable {
    var low: Double
    var high: Double
    init(_ range: ClosedRange<Double>) { (low, high) = (range.lowerBound, range.upperBound) }
  }
  struct Near: Encodable {
    var hit_rate: Interval
    var poll_cpu_share: Interval
    var wake_latency_sum_ns: Interval
    var cost_ns: Interval
  }
  var outcome: OutcomeBody
  var hit_rate_low: Double
  var hit_rate_high: Double
  var poll_cpu_share_low: Double
  var poll_cpu_share_high: Double
  var wake_latency_sum_ns_low: Double
  var wake_latency_sum_ns_high: Double
  var cost_ns_low: Double
  var cost_ns_high: Double
  var placed_as_recorded: Near

  init(_ prediction: Prediction, time: Double, _ objective: Objective) {
    outcome = OutcomeBody(prediction.outcome, time: time, objective)
    hit_rate_low = prediction.hitRate.range.lowerBound
    hit_rate_high = prediction.hitRate.range.upperBound
    poll_cpu_share_low = prediction.pollShare.range.lowerBound
    poll_cpu_share_high = prediction.pollShare.range.upperBound
    wake_latency_sum_ns_low = prediction.latency.range.lowerBound
    wake_latency_sum_ns_high = prediction.latency.range.upperBound
    cost_ns_low = prediction.cost.range.lowerBound
    cost_ns_high = prediction.cost.range.upperBound
    placed_as_recorded = Near(
      hit_rate: Interval(prediction.hitRate.near),
      poll_cpu_share: Interval(prediction.pollShare.near),
      wake_latency_sum_ns: Interval(prediction.latency.near),
      cost_ns: Interval(prediction.cost.near))
  }

  private enum Keys: String, CodingKey {
    case hit_rate_low, hit_rate_high, poll_cpu_share_low, poll_cpu_share_high
    case wake_latency_sum_ns_low, wake_latency_sum_ns_high, cost_ns_low, cost_ns_high
    case placed_as_recorded
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(hit_rate_low, forKey: .hit_rate_low)
    try container.encode(hit_rate_high, forKey: .hit_rate_high)
    try container.encode(poll_cpu_share_low, forKey: .poll_cpu_share_low)
    try container.encode(poll_cpu_share_high, forKey: .poll_cpu_share_high)
    try container.encode(wake_latency_sum_ns_low, forKey: .wake_latency_sum_ns_low)
    try container.encode(wake_latency_sum_ns_high, forKey: .wake_latency_sum_ns_high)
    try container.encode(cost_ns_low, forKey: .cost_ns_low)
    try container.encode(cost_ns_high, forKey: .cost_ns_high)
    try container.encode(placed_as_recorded, forKey: .placed_as_recorded)
    try outcome.encode(to: encoder)
  }
}
