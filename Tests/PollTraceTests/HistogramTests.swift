import Fixtures
import Testing

@testable import PollTrace

@Suite struct `A histogram` {
  @Test(arguments: UInt64(0)..<10)
  func `gives quantiles within 1/64 of the true ones`(seed: UInt64) throws {
    var random = Randomness(seed: seed)
    var values: [UInt64] = []
    var histogram = Histogram()
    for _ in 0..<5_000 {
      let bits = UInt64.random(in: 1..<36, using: &random)
      let value = UInt64.random(in: 0..<(1 << bits), using: &random)
      values.append(value)
      histogram.add(Nanoseconds(value))
    }
    values.sort()
    for share in [0.01, 0.5, 0.9, 0.99, 0.999, 1] {
      let exact = Double(values[Int((share * 5_000).rounded(.up)) - 1])
      let found = Double(try #require(histogram.quantile(share)))
      #expect(abs(found - exact) <= exact / 64 + 0.5)
    }
    #expect(histogram.least == values.first)
    #expect(histogram.most == values.last)
    #expect(histogram.sum == values.reduce(0, +))
  }

  @Test func `of two halves is that of the whole`() {
    var random = Randomness(seed: 7)
    var whole = Histogram()
    var halves = [Histogram(), Histogram()]
    for index in 0..<1_000 {
      let value = Nanoseconds(UInt64.random(in: 0...1_000_000, using: &random))
      whole.add(value)
      halves[index % 2].add(value)
    }
    halves[0].merge(halves[1])
    #expect(halves[0] == whole)
    var empty = Histogram()
    empty.merge(whole)
    #expect(empty == whole)
  }

  @Test(arguments: [1, 2, 4, 8])
  func `keeps every count in coarser buckets that touch each other`(perOctave: Int) {
    var random = Randomness(seed: 3)
    var histogram = Histogram()
    for _ in 0..<500 {
      let bits = UInt64.random(in: 0...30, using: &random)
      histogram.add(Nanoseconds(UInt64.random(in: 0...(1 << bits), using: &random)))
    }
    let buckets = histogram.buckets(perOctave: perOctave)
    #expect(buckets.reduce(0) { $0 + $1.count } == histogram.count)
    for (left, right) in zip(buckets, buckets.dropFirst()) { #expect(left.to == right.from) }
  }

  @Test func `counts more lengths of one bucket than 32 bits hold`() {
    var histogram = Histogram()
    for length in [5, 5, 1_000_000] as [Nanoseconds] { histogram.add(length, times: .max) }
    #expect(histogram.count == 3 * UInt64(UInt32.max))
    #expect(histogram.buckets.map(\.count) == [2 * UInt64(UInt32.max), UInt64(UInt32.max)])
    #expect(histogram.quantile(0.6) == 5)
  }

  @Test func `of KVM's kind stops at the greatest count`() {
    var histogram = LogHistogram()
    for length in [1, 1, 2] as [Nanoseconds] { histogram.add(length, times: .max) }
    #expect(histogram.total == .max)
    histogram.spread(7)
    #expect(histogram.counts.prefix(4) == [0, .max, .max, 0])
  }

  @Test func `says nothing of nothing`() {
    let histogram = Histogram()
    #expect(histogram.quantile(0.5) == nil)
    #expect(histogram.mean == nil)
    #expect(histogram.buckets.isEmpty)
  }

  @Test func `takes lengths beyond its last bucket`() {
    var histogram = Histogram()
    histogram.add(Nanoseconds(.max))
    #expect(histogram.most == .max)
    #expect(histogram.quantile(0.5) == .max)
  }
}

@Suite struct `KVM's histogram` {
  @Test(
    arguments: [
      (0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (8_191, 13), (8_192, 14), (1 << 30, 31), (.max, 31),
    ] as [(UInt64, Int)])
  func `has buckets by powers of two`(length: UInt64, bucket: Int) {
    var histogram = LogHistogram()
    histogram.add(Nanoseconds(length))
    #expect(histogram.counts[bucket] == 1)
  }
}
