#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Bounds of a mean that hold at all looks at once, however often one looks and whenever one stops.
///
/// The any-time-valid t-test: E(n) = √r ((1 + t²/(n - 1)) / (1 + r t²/(n - 1)))^(n/2) with r = 1 / (1 + n g) is the
/// likelihood of the t statistic where the mean is normal around 0 with variance g σ², over that where it is 0. As
/// a ratio of likelihoods of what does not change with the scale it is a martingale, begins with E(1) = 1, and reaches
/// 1/α with a probability of α at most (Ville). The means for which it stays below are those within
/// s √((1 - z) / (z - r) (n - 1) / n) of the values' mean, z = (r α²)^(1/n). Values count as normal and independent.
///
/// Lindon, Ham, Tingley and Bojinov, "Anytime-valid linear models and regression adjusted causal inference in
/// randomized experiments", arXiv 2210.08589; Wang and Ramdas, "Anytime-valid t-tests and confidence sequences for
/// Gaussian means with unknown variance", arXiv 2310.03722, after Lai, 1976.
package struct ConfidenceSequence: Hashable, Sendable {
  /// The probability of being wrong at any look.
  package let error: Double
  package private(set) var count = 0
  package private(set) var mean = 0.0
  /// Sum of squared distances from the mean (Welford, Technometrics 4, 1962).
  private var squares = 0.0

  /// The mixture's variance in units of the values': means of about three deviations are expected to matter.
  ///
  /// It decides when bounds are narrow, never whether they hold. With 10 they exist from the third value on.
  private static let spread = 10.0

  package init(error: Double) { self.error = error }

  /// Takes the next value.
  package mutating func add(_ value: Double) {
    count += 1
    let before = value - mean
    mean += before / Double(count)
    squares += before * (value - mean)
  }

  /// The standard deviation of the values; nil of fewer than two.
  package var deviation: Double? { count < 2 ? nil : (squares / Double(count - 1)).squareRoot() }

  /// Half the bounds' distance; nil as long as there are none.
  package var radius: Double? { radius(after: count) }

  /// The same after `count` values that scatter as those that are there.
  package func radius(after count: Int) -> Double? {
    guard let deviation, count > 1 else { return nil }
    let number = Double(count)
    let rate = 1 / (1 + number * Self.spread)
    let level = pow(rate * error * error, 1 / number)
    guard level > rate else { return nil }
    return deviation * ((1 - level) / (level - rate) * (number - 1) / number).squareRoot()
  }

  /// The bounds; infinite as long as too few values are there.
  package var range: ClosedRange<Double> {
    guard let radius else { return -.infinity ... .infinity }
    return mean - radius...mean + radius
  }
}
