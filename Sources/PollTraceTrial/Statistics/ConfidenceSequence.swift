#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Bounds of a mean that hold at all looks at once, however often one looks and whenever one stops.
///
/// The t-test's counterpart: a Gaussian mixture over the mean in units of the unknown standard deviation,
/// right Haar over the deviation. With r = 1 / (1 + n g) and z = (r α²)^(1/n), the mean's distance from the true
/// one exceeds s √((1 - z) / (z - r) (n - 1) / n) at any n with a probability of α at most (Lindon, Ham, Tingley
/// and Bojinov, "Anytime-valid linear models and regression adjusted causal inference in randomized
/// experiments", arXiv 2210.08589; Wang and Ramdas, "Anytime-valid t-tests and confidence sequences for Gaussian
/// means with unknown variance", arXiv 2310.03722, after Lai, 1976). Values count as Gaussian and
/// independent.
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
