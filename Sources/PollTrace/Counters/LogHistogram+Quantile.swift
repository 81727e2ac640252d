extension LogHistogram {
  /// The histogram with these 32 counts; nil where they are not as many.
  ///
  /// Of an array: generic code is not specialised for callers in other modules, and takes ten times as
  /// long.
  package init?(counts: [UInt64]) {
    guard counts.count == 32 else { return nil }
    self.init()
    for bucket in counts.indices where counts[bucket] > 0 {
      add(Nanoseconds(Self.bounds(of: bucket).from), times: counts[bucket])
    }
  }

  /// The bounds of bucket `index`, in ns: values from `from` on, and below `to`, which the last one
  /// does not have.
  package static func bounds(of index: Int) -> Bounds {
    Bounds(
      from: index == 0 ? 0 : 1 << UInt64(index - 1), to: index == 31 ? nil : 1 << UInt64(index))
  }

  /// Where a length of time lies.
  package struct Bounds: Hashable, Sendable {
    package var from: UInt64
    package var to: UInt64?
  }

  /// How many lengths it holds.
  package var total: UInt64 { counts.reduce(0) { $0.plus($1) } }

  /// Between which bounds the length lies that `share` of all do not exceed; nil where there is none.
  package func quantile(_ share: Double) -> Bounds? {
    let counts = counts
    let total = counts.reduce(0 as UInt64) { $0.plus($1) }
    guard total > 0 else { return nil }
    let rank = max(1, (share * Double(total)).rounded(.up))
    var seen: UInt64 = 0
    for (index, count) in counts.enumerated() {
      seen = seen.plus(count)
      if Double(seen) >= rank { return Self.bounds(of: index) }
    }
    return counts.lastIndex { $0 > 0 }.map(Self.bounds)
  }

  /// How many lengths lie in buckets that satisfy `condition`.
  package func count(where condition: (Bounds) -> Bool) -> UInt64 {
    counts.enumerated().reduce(0) { sum, bucket in
      condition(Self.bounds(of: bucket.offset)) ? sum.plus(bucket.element) : sum
    }
  }
}
