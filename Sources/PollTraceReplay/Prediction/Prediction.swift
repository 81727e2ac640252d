package import PollTrace

/// What a number of vCPUs would have done under one setting, with the doubt about it.
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

/// The figures of an outcome that a prediction gives an interval for.
private struct Metric {
  /// The figure as a quotient of two sums.
  var parts: (PollOutcome) -> (Double, Double)
  /// What is added on both sides whatever the data say.
  var margin: (Double) -> Double
  /// The most it can be.
  var most: Double

  func value(_ outcome: PollOutcome) -> Double {
    let (above, below) = parts(outcome)
    return below > 0 ? above / below : 0
  }
}

extension Prediction {
  /// Sums `vcpus`, which are predictions under `parameters`.
  ///
  /// `itself` are predictions of the same vCPUs under the recorded setting, and `recorded` what was
  /// recorded: how far they are apart is doubt as well. `time` is the vCPUs' time in ns, `weight` the
  /// price of a nanosecond of latency.
  package init(
    _ vcpus: [VCPUPrediction], under parameters: PollParameters, itself: [VCPUPrediction],
    recorded: PollOutcome, time: Double, weight: Double
  ) {
    self.parameters = parameters
    outcome = vcpus.reduce(.zero) { $0 + $1.mean }
    let group = Group(vcpus)
    let reference = Group(itself)
    let isOff = parameters.ceiling == 0
    let estimate = { (metric: Metric) in
      group.estimate(metric, itself: reference, recorded: recorded, isExact: false)
    }
    let exactly = { (metric: Metric) in
      group.estimate(metric, itself: reference, recorded: recorded, isExact: isOff)
    }
    // The margins are what two recordings of one setting differ by (docs/method.md).
    hitRate = exactly(
      Metric(
        parts: { (Double($0.successful), Double($0.halts)) }, margin: { _ in 0.003 }, most: 1))
    pollShare = exactly(
      Metric(
        parts: { (Double($0.pollTime), time) }, margin: { _ in 0.002 }, most: 1))
    latency = estimate(
      Metric(parts: { (Double($0.latency), 1) }, margin: { $0 * 0.01 }, most: .infinity))
    cost = estimate(
      Metric(
        parts: { (Double($0.pollTime) + weight * Double($0.latency), 1) },
        margin: { $0 * 0.01 }, most: .infinity))
  }
}

/// Predictions of several vCPUs added up, supposition by supposition.
private struct Group {
  private let vcpus: [VCPUPrediction]
  private let mean: PollOutcome
  private let near: [PollOutcome]
  private let far: [PollOutcome]

  init(_ vcpus: [VCPUPrediction]) {
    self.vcpus = vcpus
    mean = vcpus.reduce(.zero) { $0 + $1.mean }
    // What one vCPU does not doubt is as likely there.
    let sum = { (scenarios: Set<Scenario>, part: (VCPUPrediction) -> [Scenario: PollOutcome]) in
      scenarios.map { scenario in
        vcpus.reduce(PollOutcome.zero) { $0 + (part($1)[scenario] ?? $1.mean) }
      }
    }
    near = sum(Set(vcpus.flatMap(\.bounds.keys))) { $0.bounds }
    far = sum(Set(vcpus.flatMap(\.placements.keys))) { $0.placements }
  }

  func estimate(
    _ metric: Metric, itself: Group, recorded: PollOutcome, isExact: Bool
  ) -> Prediction.Estimate {
    let value = metric.value(mean)
    let around = { (values: [Double]) -> ClosedRange<Double> in
      let low = values.min() ?? value
      let high = values.max() ?? value
      guard !isExact else { return low...high }
      let miss = abs(metric.value(itself.mean) - metric.value(recorded))
      let doubt = 2.8 * deviation(metric) + miss + metric.margin(value)
      let bottom = min(max(low - doubt, 0), metric.most)
      return bottom...max(bottom, min(high + doubt, metric.most))
    }
    let nearValues = [value] + near.map(metric.value)
    return Prediction.Estimate(
      value: value, near: around(nearValues), range: around(nearValues + far.map(metric.value)))
  }

  /// The standard error by chance: of a sum over independent blocks of time and vCPUs, the worst of
  /// the seeds.
  private func deviation(_ metric: Metric) -> Double {
    let seeds = vcpus.map(\.likely.count).max() ?? 0
    return (0..<seeds).map { seed in
      let all = vcpus.map { $0.likely[min(seed, $0.likely.count - 1)] }
      let total = metric.parts(all.reduce(PollOutcome.zero) { $0 + $1.reduce(.zero, +) })
      guard total.1 > 0 else { return 0 }
      let isRatio = metric.parts(.zero).1 == 0
      var variance = 0.0
      for blocks in all where blocks.count > 1 {
        let parts = blocks.map(metric.parts)
        let count = Double(blocks.count)
        let mean = parts.reduce(0) { $0 + $1.0 } / count
        let squares = parts.reduce(0) { sum, part in
          let off = isRatio ? part.0 - total.0 / total.1 * part.1 : part.0 - mean
          return sum + off * off
        }
        variance += squares * count / (count - 1)
      }
      return variance.squareRoot() / total.1
    }.max() ?? 0
  }
}
