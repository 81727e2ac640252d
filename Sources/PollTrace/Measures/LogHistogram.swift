/// KVM's own kind of histogram: 32 buckets by powers of two.
///
/// Bucket 0 holds 0 ns, bucket n holds 2ⁿ⁻¹..<2ⁿ ns, the last one everything from 2³⁰ ns on
/// (`KVM_STATS_TYPE_LOG_HIST`, linux include/linux/kvm_host.h, HALT_POLL_HIST_COUNT).
package struct LogHistogram: Hashable, Sendable {
  /// Inline, so that counting touches no memory but a vCPU's own.
  private var table: [32 of UInt64] = InlineArray(repeating: 0)

  /// 32 counts.
  package var counts: [UInt64] { table.indices.map { table[$0] } }

  package init() {}

  /// The histogram with these 32 counts.
  package init(_ counts: ArraySlice<UInt64>) {
    for index in table.indices { table[index] = counts[counts.startIndex + index] }
  }

  /// How many lengths bucket `index` holds.
  package subscript(bucket index: Int) -> UInt64 { table[index] }

  /// How many lengths it holds.
  package var total: UInt64 { table.indices.reduce(0) { $0.plus(table[$1]) } }

  /// Counts `times` lengths of `length`.
  @inline(__always)
  package mutating func add(_ length: Nanoseconds, times: UInt64 = 1) {
    table[Self.bucket(of: length)].add(times)
  }

  /// How many digits `length` has in base two, at most 31.
  ///
  /// That is the exponent, above 1023, of one digit more as a floating-point number, which is found
  /// sooner than the first digit; 1023 is a multiple of 32 less 1.
  @inline(__always)
  private static func bucket(of length: Nanoseconds) -> Int {
    let odd = Double(Int64(truncatingIfNeeded: min(length.rawValue, 1 << 30) &* 2 &+ 1))
    return Int(truncatingIfNeeded: odd.bitPattern &>> 52 &+ 1) & 31
  }

  /// Adds `count` lengths that are spread as those that are there; the largest bucket gets what
  /// rounding leaves over.
  mutating func spread(_ count: UInt64) {
    let before = table
    let all = total
    guard all > 0 else { return }
    var left = count
    var largest = 0
    for index in table.indices {
      let part = min(left, UInt64(Double(count) * Double(before[index]) / Double(all)))
      table[index].add(part)
      left -= part
      if before[index] > before[largest] { largest = index }
    }
    table[largest].add(left)
  }

  /// Adds the counts of another histogram.
  package mutating func merge(_ other: LogHistogram) {
    // By way of a span: each access to an array of another value would copy it.
    let other = other.table.span
    for index in other.indices { table[index].add(other[index]) }
  }

  /// What came to it since `earlier`; nil where a bucket holds less.
  package func since(_ earlier: LogHistogram) -> LogHistogram? {
    var difference = self
    let earlier = earlier.table.span
    for index in earlier.indices {
      guard difference.table[index] >= earlier[index] else { return nil }
      difference.table[index] -= earlier[index]
    }
    return difference
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.table.indices.allSatisfy { left.table[$0] == right.table[$0] }
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(counts) }
}
