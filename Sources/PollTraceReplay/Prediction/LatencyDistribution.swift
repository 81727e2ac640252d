internal import PollTrace

/// How many halts had which wake-up latency, sums of parts that stand for more than they are.
///
/// Latencies are the middles of a `Histogram`'s buckets, at most 1/64 beside the true ones. What no halt
/// had takes no room: one is kept for each block of time of each vCPU.
package struct LatencyDistribution: Hashable, Sendable {
  /// Rising, in ns, and how many halts each.
  private var latencies: [UInt32] = []
  private var counts: [Float] = []

  package init() {}

  /// What `histogram` counts, `weight` times.
  init(_ histogram: Histogram, weight: Double = 1) {
    let buckets = histogram.buckets
    latencies = buckets.map { UInt32(clamping: $0.middle) }
    counts = buckets.map { Float(Double($0.count) * weight) }
  }

  /// The `counts` of a `Histogram`'s buckets, `weight` times.
  init(_ counts: ArraySlice<UInt32>, weight: Double) {
    reserve(counts.count { $0 > 0 })
    for (index, count) in counts.enumerated() where count > 0 {
      latencies.append(UInt32(clamping: Histogram.middle(ofBucket: index)))
      self.counts.append(Float(Double(count) * weight))
    }
  }

  private mutating func reserve(_ count: Int) {
    latencies.reserveCapacity(count)
    counts.reserveCapacity(count)
  }

  /// How many halts.
  package var count: Double { counts.reduce(0) { $0 + Double($1) } }

  /// How many of them were seen later than `latency` ns.
  func count(above latency: Double) -> Double {
    let first = latencies.indices.firstInOrder { Double(latencies[$0]) > latency }
    return counts[first...].reduce(0) { $0 + Double($1) }
  }

  /// The latency in ns that `share` of all halts do not exceed; nil where there is none.
  ///
  /// Infinite where `share` is 1 or more: no number of halts shows what is never exceeded.
  func quantile(_ share: Double) -> Double? {
    guard let least = latencies.first, let most = latencies.last else { return nil }
    guard share < 1 else { return .infinity }
    let rank = share * count
    guard rank > 0 else { return Double(least) }
    var seen = 0.0
    for (latency, count) in zip(latencies, counts) {
      seen += Double(count)
      // Sums of parts are not exact.
      if seen >= rank * (1 - 1e-6) { return Double(latency) }
    }
    return Double(most)
  }

  /// Both together.
  static func + (left: Self, right: Self) -> Self {
    if left.latencies.isEmpty { return right }
    if right.latencies.isEmpty { return left }
    var sum = Self()
    sum.reserve(max(left.latencies.count, right.latencies.count))
    var (first, second) = (0, 0)
    while first < left.latencies.count || second < right.latencies.count {
      let one = first < left.latencies.count ? left.latencies[first] : .max
      let other = second < right.latencies.count ? right.latencies[second] : .max
      let least = min(one, other)
      var count: Float = 0
      if one == least, first < left.latencies.count {
        count += left.counts[first]
        first += 1
      }
      if other == least, second < right.latencies.count {
        count += right.counts[second]
        second += 1
      }
      sum.latencies.append(least)
      sum.counts.append(count)
    }
    return sum
  }

  /// Each halt `factor` times.
  func scaled(by factor: Double) -> Self {
    var other = self
    if factor != 1 { other.counts = counts.map { Float(Double($0) * factor) } }
    return other
  }

  /// All of `parts` together.
  static func sum(_ parts: some Sequence<LatencyDistribution>) -> Self {
    // By halves: each latency is moved as often as the parts can be halved.
    var parts = Array(parts)
    while parts.count > 1 {
      parts = parts.groups(of: 2).map { $0.dropFirst().reduce($0[$0.startIndex], +) }
    }
    return parts.first ?? Self()
  }
}
