/// Counts of lengths of time in buckets whose width is at most 1/32 of their value.
///
/// Log-linear, as in HdrHistogram: up to 63 ns a bucket a nanosecond; above, each octave
/// 2ⁿ..<2ⁿ⁺¹ has 32 buckets of 2ⁿ⁻⁵ ns. The last bucket takes everything from 2⁴⁰ ns (18 minutes)
/// on; sum, least and most are exact. Histograms add up, whatever the order.
package struct Histogram: Hashable, Sendable {
  /// How many lengths.
  package private(set) var count: UInt64 = 0
  /// Their sum in ns, at most 584 years.
  package private(set) var sum: UInt64 = 0
  /// The shortest and the longest, in ns; 0 where there is none.
  package var least: UInt64 { count == 0 ? 0 : low }
  package private(set) var most: UInt64 = 0

  private var low: UInt64 = .max
  /// Up to the octave of the longest one: what most vCPUs never see costs nothing.
  private var counts: [UInt64] = []

  private static let octave = 5
  private static let bucketCount = (40 - octave) << octave + 64

  package init() {}

  /// Which bucket `value` falls into: 0...63 as they are, then 32 an octave.
  ///
  /// A floating-point number's exponent and first five digits are that, but for the shortest.
  @inline(__always)
  private static func bucket(of value: UInt64) -> Int {
    let bits = Double(Int64(truncatingIfNeeded: value)).bitPattern >> UInt64(52 - octave)
    // 1023 is the exponent of 1; that of a negative number, of 2⁶³ ns and more, is beyond all.
    let bucket = bits &- UInt64((1023 + octave - 1) << octave)
    return Int(truncatingIfNeeded: value < 32 ? value : min(bucket, UInt64(bucketCount - 1)))
  }

  /// The least value of bucket `index`.
  private static func floor(of index: Int) -> UInt64 {
    if index < 64 { return UInt64(index) }
    let shift = index >> octave - 1
    return UInt64(index - shift << octave) << UInt64(shift)
  }

  /// The value in ns that stands for all in bucket `index`.
  package static func middle(ofBucket index: Int) -> UInt64 {
    Bucket(from: floor(of: index), to: floor(of: index + 1), count: 0).middle
  }

  /// Makes room for the counts up to `bucket`, by octaves.
  private mutating func reach(_ bucket: Int) {
    let wanted = (bucket >> Self.octave + 1) << Self.octave
    guard wanted > counts.count else { return }
    // No more than that: there may be thousands of histograms.
    counts.reserveCapacity(wanted)
    counts += repeatElement(0, count: wanted - counts.count)
  }

  private static func add(_ counts: [UInt64], to sums: inout [UInt64]) {
    var sums = sums.mutableSpan
    for index in counts.indices { sums[index].add(counts[index]) }
  }

  /// Counts `times` lengths of `length`.
  package mutating func add(_ length: Nanoseconds, times: UInt32 = 1) {
    let value = length.rawValue
    let bucket = Self.bucket(of: value)
    if bucket >= counts.count { reach(bucket) }
    counts[bucket].add(UInt64(times))
    count.add(UInt64(times))
    sum = sum.plus(value.times(UInt64(times)))
    if value < low { low = value }
    if value > most { most = value }
  }

  /// Counts how long each of `halts` lasted.
  mutating func add(_ halts: Span<WindowedHalt>) {
    // As long as the longest or longer, but in its octave.
    var long: UInt64 = 0
    for index in halts.indices { long |= halts[index].halt.block.rawValue }
    if !halts.isEmpty { reach(Self.bucket(of: long)) }
    var (low, most, sum) = (low, most, sum)
    // Borrowed once: an array asks at each change whether somebody else has it, too.
    var counts = counts.mutableSpan
    for index in halts.indices {
      let value = halts[index].halt.block.rawValue
      counts[Self.bucket(of: value)] &+= 1
      sum.add(value)
      low = min(low, value)
      most = max(most, value)
    }
    (self.low, self.most, self.sum) = (low, most, sum)
    count &+= UInt64(halts.count)
  }

  /// Adds the counts of another histogram.
  package mutating func merge(_ other: Histogram) {
    guard other.count > 0 else { return }
    if counts.isEmpty {
      counts = other.counts
    } else {
      reach(other.counts.count - 1)
      Self.add(other.counts, to: &counts)
    }
    count.add(other.count)
    sum = sum.plus(other.sum)
    low = min(low, other.low)
    most = max(most, other.most)
  }
}

extension Histogram {
  /// The mean, nil where there is none.
  package var mean: Double? { count == 0 ? nil : Double(sum) / Double(count) }

  /// The length that `share` of all lengths do not exceed, nil where there is none.
  ///
  /// It is the middle of its bucket, at most 1/64 beside the true one, and never outside
  /// least...most.
  package func quantile(_ share: Double) -> UInt64? {
    guard count > 0 else { return nil }
    let rank = max(1, (share * Double(count)).rounded(.up))
    var seen: UInt64 = 0
    for (index, count) in counts.enumerated() {
      seen.add(count)
      guard Double(seen) >= rank else { continue }
      let bucket = Bucket(
        from: Self.floor(of: index), to: Self.floor(of: index + 1), count: count)
      return min(max(bucket.middle, least), most)
    }
    return most
  }

  /// A bucket and its count.
  package struct Bucket: Hashable, Sendable {
    /// Values of at least `from` and less than `to` ns.
    package var from: UInt64
    package var to: UInt64
    package var count: UInt64
    /// The value that stands for all in it.
    package var middle: UInt64 { from + (to - from - 1) / 2 }
  }

  /// The buckets that hold something, finest first level.
  package var buckets: [Bucket] {
    counts.enumerated().compactMap { index, count in
      count == 0
        ? nil
        : Bucket(from: Self.floor(of: index), to: Self.floor(of: index + 1), count: count)
    }
  }

  /// The same counts in `perOctave` (1, 2, 4, … 32) buckets an octave, without empty ends.
  package func buckets(perOctave: Int) -> [Bucket] {
    var coarse: [Bucket] = []
    for fine in buckets {
      let wide = Self.coarse(around: fine.from, perOctave: perOctave)
      if coarse.last?.from == wide.from {
        coarse[coarse.count - 1].count.add(fine.count)
      } else {
        // The empty buckets between two full ones stay visible.
        while let last = coarse.last, last.to < wide.from {
          let gap = Self.coarse(around: last.to, perOctave: perOctave)
          coarse.append(Bucket(from: gap.from, to: gap.to, count: 0))
        }
        coarse.append(Bucket(from: wide.from, to: wide.to, count: fine.count))
      }
    }
    return coarse
  }

  /// The bounds of the coarse bucket that holds `value`.
  private static func coarse(around value: UInt64, perOctave: Int) -> (from: UInt64, to: UInt64) {
    guard value > 0 else { return (0, 1) }
    let exponent = UInt64(63 - value.leadingZeroBitCount)
    let octave = UInt64(1) << exponent
    let width = max(1, octave / UInt64(perOctave))
    let from = octave + (value - octave) / width * width
    return (from, from + width)
  }
}
