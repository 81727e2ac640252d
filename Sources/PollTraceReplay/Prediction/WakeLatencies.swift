internal import Glibc
internal import PollTrace

/// The wake-up latencies of all halts, polled ones included, in ns: the mean, and what a share of them
/// does not exceed.
package struct WakeLatencies<Value: Hashable & Sendable>: Hashable, Sendable {
  package var mean: Value
  package var p50: Value
  package var p99: Value
  package var p999: Value

  package subscript(statistic: WakeLatencyLimit.Statistic) -> Value {
    switch statistic {
    case .mean: mean
    case .p50: p50
    case .p99: p99
    case .p999: p999
    }
  }

  /// The `mean`, and of each other statistic its share's `quantile`.
  init(mean: Value, quantile: (Double) -> Value) {
    func value(_ statistic: WakeLatencyLimit.Statistic) -> Value {
      statistic.share.map(quantile) ?? mean
    }
    (self.mean, p50, p99, p999) = (mean, value(.p50), value(.p99), value(.p999))
  }
}

extension WakeLatencies<Double> {
  /// What `latencies` show of halts whose sums are `outcome`; nil where there is none.
  init?(_ latencies: LatencyDistribution, _ outcome: PollOutcome) {
    guard latencies.count > 0 else { return nil }
    self.init(mean: outcome.meanLatency) { latencies.quantile($0) ?? 0 }
  }
}

/// The distributions of several vCPUs put together, assumption by assumption.
struct GroupLatencies {
  private let mean: LatencyDistribution
  /// By trace and block of time.
  private let blocks: [[LatencyDistribution]]
  private let near: [LatencyDistribution]
  private let far: [LatencyDistribution]

  /// `vcpus`, of which some may not have been watched: then there is none.
  init?(_ vcpus: [VCPUPrediction]) {
    let each = vcpus.compactMap { vcpu in vcpu.latencies.map { (vcpu.trace, $0) } }
    guard !each.isEmpty, each.count == vcpus.count else { return nil }
    mean = LatencyDistribution.sum(each.map(\.1.mean))
    blocks = each.grouped(by: \.0).map { vcpus in
      (0..<RecordingSpan.blocks).map { block in
        LatencyDistribution.sum(
          vcpus.compactMap { block < $0.1.blocks.count ? $0.1.blocks[block] : nil })
      }
    }
    let sums = { (part: (VCPULatencies) -> [Assumption: LatencyDistribution]) in
      Set(each.flatMap { part($0.1).keys }).map { assumption in
        LatencyDistribution.sum(each.map { part($0.1)[assumption] ?? $0.1.mean })
      }
    }
    near = sums(\.bounds)
    far = sums(\.placements)
  }

  /// The latency that `share` of the halts do not exceed; the replay of what was `recorded` is `itself`, and
  /// so many latencies were `measured`.
  ///
  /// Chance moves the share, and the distribution turns that into latencies (Woodruff, "Confidence intervals
  /// for medians and other position measures", JASA 47, 1952): the median of two heaps may lie in either.
  func estimate(
    _ share: Double, itself: LatencyDistribution, recorded: LatencyDistribution, measured: Double
  ) -> Prediction.Estimate {
    let value = mean.quantile(share) ?? 0
    let alone = (share * (1 - share) / max(1, mean.count)).squareRoot()
    let chance = 2.8 * hypot(max(error(above: value), alone), error(of: share, measured: measured))
    let miss = abs((itself.quantile(share) ?? 0) - (recorded.quantile(share) ?? 0))
    let beside = miss + value * Self.margin
    let around = { (distributions: [LatencyDistribution]) -> ClosedRange<Double> in
      let lows = distributions.compactMap { $0.quantile(share - chance) }
      let highs = distributions.compactMap { $0.quantile(share + chance) }
      let bottom = max(0, (lows.min() ?? value) - beside)
      return bottom...max(bottom, (highs.max() ?? value) + beside)
    }
    return Prediction.Estimate(
      value: value, near: around([mean] + near), range: around([mean] + near + far))
  }

  /// What is added on both sides whatever the data say: the width of a bucket.
  private static let margin = 1.0 / 32

  /// The standard error of a share of latencies that stems from how few were `measured`: of the halts that
  /// sleep, those beyond it are so many of as few.
  private func error(of share: Double, measured: Double) -> Double {
    let asleep =
      mean.count(above: Double(Schedule.pollLatency) * (1 + Self.margin)) / max(1, mean.count)
    guard asleep > 1 - share else { return 0 }
    return ((1 - share) * (asleep - (1 - share)) / max(1, measured)).squareRoot()
  }

  /// The standard error of the share of halts that are seen later than `latency` (Cochran, §6.4).
  private func error(above latency: Double) -> Double {
    let parts = blocks.map { $0.map { (late: $0.count(above: latency), all: $0.count) } }
    let all = parts.joined().reduce(0) { $0 + $1.all }
    guard all > 0 else { return 0 }
    let share = parts.joined().reduce(0) { $0 + $1.late } / all
    return BlockTotals.error(parts.map { $0.map { $0.late - share * $0.all } }) / all
  }
}
