extension LogHistogram {
  /// The histogram with these 32 counts; nil where they are not as many.
  package init?(counts: [UInt64]) {
    guard counts.count == 32 else { return nil }
    self.init(counts[...])
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

  /// Between which bounds the length lies that `share` of all do not exceed; nil where there is none.
  package func quantile(_ share: Double) -> Bounds? {
    let total = total
    guard total > 0 else { return nil }
    let rank = max(1, (share * Double(total)).rounded(.up))
    var seen: UInt64 = 0
    for bucket in 0..<32 {
      seen.add(self[bucket: bucket])
      if Double(seen) >= rank { return Self.bounds(of: bucket) }
    }
    return (0..<32).last { self[bucket: $0] > 0 }.map(Self.bounds)
  }

  /// How many lengths lie in buckets that satisfy `condition`.
  package func count(where condition: (Bounds) -> Bool) -> UInt64 {
    (0..<32).reduce(0) { sum, bucket in
      condition(Self.bounds(of: bucket)) ? sum.plus(self[bucket: bucket]) : sum
    }
  }
}
