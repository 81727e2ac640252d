package import PollTrace
internal import PollTraceReplay

/// The most that wake-up latency may be: a statistic of it, and its limit.
package struct LatencyPromise: Hashable, Sendable {
  package enum Statistic: String, Hashable, Sendable, CaseIterable { case mean, p50, p99, p999 }
  package var statistic: Statistic
  package var limit: Nanoseconds

  package init(_ statistic: Statistic, _ limit: Nanoseconds) {
    (self.statistic, self.limit) = (statistic, limit)
  }

  /// The statistic of a block in ns; nil where it was not measured.
  package func value(_ measure: BlockMeasure) -> Double? {
    switch statistic {
    case .mean: measure.outcome.halts > 0 ? measure.outcome.meanLatency : nil
    case .p50: measure.latencies?.quantile(0.5).map(Double.init)
    case .p99: measure.latencies?.quantile(0.99).map(Double.init)
    case .p999: measure.latencies?.quantile(0.999).map(Double.init)
    }
  }
}
