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
    /// What the range's width is due to.
    package var doubt = Doubt()
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
  /// The latency of a halt, in ns; nil where nobody watched.
  package var wakeLatency: WakeLatencies<Estimate>?
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
  /// recorded: how far they are apart is uncertain as well, in latencies `measured` ones. `time` is the vCPUs'
  /// time in ns, `weight` the latency weight.
  package init(
    _ vcpus: [VCPUPrediction], under parameters: PollParameters, itself: [VCPUPrediction],
    recorded: PollOutcome, recordedLatencies: LatencyDistribution = .init(),
    measured: Double = .infinity, time: Double,
    weight: Double
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
    let meanLatency = estimate(
      Metric(sum: { Double($0.latency) }, over: { Double($0.halts) }, margin: { $0 * 0.01 }), false)
    guard let watched = GroupLatencies(vcpus) else { return }
    let replayed = LatencyDistribution.sum(itself.compactMap(\.latencies?.mean))
    wakeLatency = WakeLatencies(mean: meanLatency) {
      watched.estimate(
        $0, itself: replayed, recorded: recordedLatencies, measured: measured)
    }
  }
}

/// Predictions of several vCPUs added up, assumption by assumption.
private struct Group {
  let mean: PollOutcome
  private let blocks: BlockTotals
  private let near: [Assumption: PollOutcome]
  private let far: [Assumption: PollOutcome]
  private let doubts: [Assumption: Doubt.Kind]

  init(_ vcpus: [VCPUPrediction]) {
    mean = vcpus.reduce(.zero) { $0 + $1.mean }
    blocks = BlockTotals(vcpus)
    near = Self.sums(vcpus) { $0.bounds }
    far = Self.sums(vcpus) { $0.placements }
    // What events would tell of one vCPU, they would.
    doubts = vcpus.reduce(into: [:]) { doubts, vcpu in
      doubts.merge(vcpu.doubts) { $0 == .events ? $0 : $1 }
    }
  }

  /// All vCPUs under each assumption that any of them has; what one does not have, it expects.
  private static func sums(
    _ vcpus: [VCPUPrediction], _ part: (VCPUPrediction) -> [Assumption: PollOutcome]
  ) -> [Assumption: PollOutcome] {
    Set(vcpus.flatMap { part($0).keys }).reduce(into: [:]) { sums, assumption in
      sums[assumption] = vcpus.reduce(.zero) { $0 + (part($1)[assumption] ?? $1.mean) }
    }
  }

  /// `miss` is how far the replay of the recorded setting is from the recording.
  func estimate(_ metric: Metric, miss: Double, isExact: Bool) -> Prediction.Estimate {
    let value = metric.value(mean)
    let chance = isExact ? 0 : BlockTotals.secondRecording * metric.error(blocks)
    let beside = isExact ? 0 : chance + miss + metric.margin(value)
    let around = { (values: [Double]) -> ClosedRange<Double> in
      let bottom = min(max((values.min() ?? value) - beside, 0), metric.most)
      return bottom...max(bottom, min((values.max() ?? value) + beside, metric.most))
    }
    let nearValues = [value] + near.values.map(metric.value)
    let range = around(nearValues + far.values.map(metric.value))
    var ends: [Doubt.Kind: ClosedRange<Double>] = [:]
    for (assumption, outcome) in Array(near) + Array(far) {
      let (kind, other) = (doubts[assumption] ?? .nothing, metric.value(outcome))
      let so = ends[kind] ?? value...value
      ends[kind] = min(so.lowerBound, other)...max(so.upperBound, other)
    }
    var reach = ends.mapValues { $0.upperBound - $0.lowerBound }
    reach[.recording, default: 0] += 2 * chance
    reach[.nothing, default: 0] += 2 * (beside - chance)
    return Prediction.Estimate(
      value: value, near: around(nearValues), range: range,
      doubt: Doubt(reach, width: range.upperBound - range.lowerBound))
  }
}
