package import PollTrace

/// The longest wake-up latency that a user allows, of which halts: `p99=50us`.
package struct WakeLatencyLimit: Hashable, Sendable {
  /// What the limit holds for: the mean of all halts, or the latency that a share of them does not exceed.
  package enum Statistic: String, Hashable, Sendable, CaseIterable {
    case mean
    case p50
    case p99
    case p999

    /// The share of halts that a quantile does not exceed; nil for the mean.
    package var share: Double? {
      switch self {
      case .mean: nil
      case .p50: 0.5
      case .p99: 0.99
      case .p999: 0.999
      }
    }
  }

  package var statistic: Statistic
  package var most: Nanoseconds

  package init(_ statistic: Statistic, most: Nanoseconds) {
    (self.statistic, self.most) = (statistic, most)
  }

  /// A limit as people write it: a statistic, `=`, and a length of time above 0 with its unit (ns, us,
  /// ms, s); nil where it is anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let statistic = Statistic(rawValue: String(parts[0])),
      parts[1].last?.isNumber == false,
      let most = Length.nanoseconds(String(parts[1]), bare: 1), most > 0
    else { return nil }
    self.init(statistic, most: Nanoseconds(most))
  }
}
