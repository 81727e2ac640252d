import Testing

@testable import PollTrace

@Suite struct `KVM's counters of halts` {
  private func counters(_ polls: UInt64, _ waits: [Int: UInt64] = [:]) -> HaltCounters {
    var counters = HaltCounters()
    counters[.attemptedPolls] = polls
    var counts = [UInt64](repeating: 0, count: 32)
    for (bucket, count) in waits { counts[bucket] = count }
    counters[.waits] = LogHistogram(counts: counts)
    return counters
  }

  @Test func `give what came since they were read last`() {
    let difference = counters(15, [3: 9]).since(counters(5, [3: 4]))
    #expect(difference[.attemptedPolls] == 10)
    #expect(difference[.waits]?.counts[3] == 5)
    #expect(difference[.exits] == nil)
  }

  @Test func `that fell give no difference`() {
    let difference = counters(5, [3: 4]).since(counters(15, [2: 1, 3: 1]))
    #expect(difference[.attemptedPolls] == nil)
    #expect(difference[.waits] == nil)
  }

  @Test func `add up, and stay at the greatest number there is`() {
    let sum = counters(.max - 1, [0: 1]).plus(counters(5, [0: 2, 31: 1]))
    #expect(sum[.attemptedPolls] == .max)
    #expect(sum[.waits]?.counts[0] == 3)
    #expect(sum[.waits]?.total == 4)
    #expect(counters(1).plus(HaltCounters())[.attemptedPolls] == nil)
    #expect(HaltCounters.sum(of: []) == nil)
  }

  @Test(
    arguments: [
      (0.5, [0: 1], 0, 1), (0.5, [1: 1], 1, 2), (0.5, [18: 10, 19: 10], 131_072, 262_144),
      (0.51, [18: 10, 19: 10], 262_144, 524_288), (0.99, [18: 99, 20: 1], 131_072, 262_144),
      (1, [18: 99, 20: 1], 524_288, 1_048_576), (0.99, [31: 5], 1 << 30, nil),
    ] as [(Double, [Int: UInt64], UInt64, UInt64?)])
  func `tell between which bounds a quantile lies`(
    share: Double, waits: [Int: UInt64], from: UInt64, to: UInt64?
  ) {
    #expect(counters(0, waits)[.waits]?.quantile(share) == .init(from: from, to: to))
  }

  @Test func `have no quantile of nothing`() { #expect(counters(0)[.waits]?.quantile(0.5) == nil) }

  @Test func `hold each length in the bucket of its bounds`() {
    for bucket in 0..<32 {
      let bounds = LogHistogram.bounds(of: bucket)
      for length in [bounds.from, (bounds.to ?? bounds.from + 2) - 1] {
        var histogram = LogHistogram()
        histogram.add(Nanoseconds(length))
        #expect(histogram.counts[bucket] == 1, "\(length)")
      }
    }
  }
}
