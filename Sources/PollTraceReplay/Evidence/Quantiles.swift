internal import PollTrace

/// Quantiles of samples, and the 64 of them that stand for a distribution.
enum Quantiles {
  /// How many quantiles stand for a distribution.
  static let ranks = 64

  /// The quantile `share` of sorted values, between two of them where it falls so.
  static func of(_ sorted: [Int64], _ share: Double) -> Double {
    guard let last = sorted.last else { return 0 }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return Double(last) }
    let below = Double(sorted[index])
    return below + (Double(sorted[index + 1]) - below) * (place - Double(index))
  }

  /// The middles of 64 equal parts of `values`.
  static func table(_ values: [Int64]) -> [Int32] {
    let sorted = values.sorted()
    return (0..<ranks).map {
      Int32(clamping: Int64(saturating: of(sorted, (Double($0) + 0.5) / Double(ranks))))
    }
  }

  /// The bound above which values are outliers: `spread` interquartile ranges above the upper
  /// quartile; nil for fewer than 8 values.
  static func outlierBound(_ values: [Int64], spread: Double) -> Double? {
    guard values.count >= 8 else { return nil }
    let sorted = values.sorted()
    let (low, high) = (of(sorted, 0.25), of(sorted, 0.75))
    return high + spread * (high - low)
  }
}
