package import PollTrace

/// What a number of vCPUs would have done under one setting, with the uncertainty about it.
package struct Prediction: Hashable, Sendable {
  /// A value and where the true one may lie.
  package struct Estimate: Hashable, Sendable {
    package var value: Double
    /// Tasks placed as recorded.
    package var near: ClosedRange<Double>
    /// Tasks placed in any way; the same where nothing competes for the CPUs.
    package var range: ClosedRange<Double>
  }

  package var parameters: PollParameters
  package var outcome: PollOutcome
  /// Successful polls / halts.
  package var hitRate: Estimate
  /// Time spent polling / time of the vCPUs.
  package var pollShare: Estimate
  /// Summed over halts, in ns.
  package var latency: Estimate
  /// Poll time and weighted latency, in ns.
  package var cost: Estimate
}

/// A figure of an outcome that a prediction gives an interval for.
private struct Metric {
  /// A sum, and what it is divided by: another sum, or nil for `per`.
  var sum: (PollOutcome) -> Double
  var over: ((PollOutcome) -> Double)?
  var per = 1.0
  /// What is added on both sides whatever the data say.
  var margin: (Double) -> Double
  /// The most it can be.
  var most = Double.infinity

  func value(_ outcome: PollOutcome) -> Double {
    let below = over?(outcome) ?? per
    return below > 0 ? sum(outcome) / below : 0
  }

  /// The standard error by chance.
  func error(_ blocks: BlockTotals) -> Double {
    if let over { return blocks.error(ofRatio: { (sum($0), over($0)) }) }
    return per > 0 ? blocks.error(sum) / per : 0
  }
}

extension Prediction {
  /// Sums `vcpus`, which are predictions under `parameters`.
  ///
  /// `itself` are predictions of the same vCPUs as they were recorded, and `recorded` what was
  /// recorded: how far they are apart is uncertain as well. `time` is the vCPUs' time in ns, `weight`
  /// the latency weight.
  package init(
    _ vcpus: [VCPUPrediction], under parameters: PollParameters, itself: [VCPUPrediction],
    recorded: PollOutcome, time: Double, weight: Double
  ) {
    let group = Group(vcpus)
    let reference = itself.reduce(PollOutcome.zero) { $0 + $1.mean }
    let isOff = parameters.ceiling == 0
    let estimate = { (metric: Metric, isExact: Bool) in
      group.estimate(
        metric, miss: abs(metric.value(reference) - metric.value(recorded)), isExact: isExact)
    }
    self.parameters = parameters
    outcome = group.mean
    // The margins are what two recordings of one setting differ by (docs/method.md).
    hitRate = estimate(
      Metric(
        sum: { Double($0.successful) }, over: { Double($0.halts) }, margin: { _ in 0.003 }, most: 1),
      isOff)
    pollShare = estimate(
      Metric(sum: { Double($0.pollTime) }, per: time, margin: { 0.002 + $0 * 0.01 }, most: 1),
      isOff)
    latency = estimate(Metric(sum: { Double($0.latency) }, margin: { $0 * 0.01 }), false)
    cost = estimate(
      Metric(
        sum: { Double($0.pollTime) + weight * Double($0.latency) }, margin: { $0 * 0.01 }), false)
  }
}

/// Predictions of several vCPUs added up, assumption by assumption.
private struct Group {
  let mean: PollOutcome
  private let blocks: BlockTotals
  private let near: [PollOutcome]
  private let far: [PollOutcome]

  init(_ vcpus: [VCPUPrediction]) {
    mean = vcpus.reduce(.zero) { $0 + $1.mean }
    blocks = BlockTotals(vcpus)
    near = Self.sums(vcpus) { $0.bounds }
    far = Self.sums(vcpus) { $0.placements }
  }

  /// All vCPUs under each assumption that any of them has; what one does not have, it expects.
  private static func sums(
    _ vcpus: [VCPUPrediction], _ part: (VCPUPrediction) -> [Assumption: PollOutcome]
  ) -> [PollOutcome] {
    Set(vcpus.flatMap { part($0).keys }).map { assumption in
      vcpus.reduce(.zero) { $0 + (part($1)[assumption] ?? $1.mean) }
    }
  }

  /// `miss` is how far the replay of the recorded setting is from the recording.
  func estimate(_ metric: Metric, miss: Double, isExact: Bool) -> Prediction.Estimate {
    let value = metric.value(mean)
    // Two standard errors of the difference from a second recording, which is as random.
    let beside = isExact ? 0 : 2.8 * metric.error(blocks) + miss + metric.margin(value)
    let around = { (values: [Double]) -> ClosedRange<Double> in
      let bottom = min(max((values.min() ?? value) - beside, 0), metric.most)
      return bottom...max(bottom, min((values.max() ?? value) + beside, metric.most))
    }
    let nearValues = [value] + near.map(metric.value)
    return Prediction.Estimate(
      value: value, near: around(nearValues), range: around(nearValues + far.map(metric.value)))
  }
}
