import Testing

@testable import PollTrace

/// Halts that end at these times, in ns.
private func times(_ times: some Sequence<UInt64>) -> HaltTimes {
  times.reduce(into: HaltTimes()) { $0.add(Timestamp($1)) }
}

@Suite struct `A sample of a trace's halts` {
  private func taken(_ halts: some Sequence<UInt64>, of sample: HaltSample) -> [UInt64] {
    halts.filter { sample.span(of: Timestamp($0)) != nil }
  }

  /// 100,000 halts, one each 1,024 ns.
  private let even = (0..<100_000 as Range<UInt64>).map { $0 << 10 }

  @Test func `is spans at even distances where halts are`() {
    let sample = HaltSample(of: times(even), share: 0.1, spans: 80)
    #expect(sample.spans.count == 80)
    // 125 halts in 1,250, in bins of 32.
    #expect(taken(even, of: sample).count == 10_000)
    let begins = sample.spans.map(\.lowerBound.rawValue)
    #expect(Set(zip(begins, begins.dropFirst()).map { $1 - $0 }) == [1_250 << 10])
  }

  @Test func `has as many halts of a burst as of the rest`() {
    // 50,000 halts in 50 ms, then as many in 50 s.
    let halts =
      (0..<50_000 as Range<UInt64>).map { $0 * 1_000 }
      + (1...50_000 as ClosedRange<UInt64>).map { 50_000_000 + $0 * 1_000_000 }
    let sample = HaltSample(of: times(halts), share: 0.2, spans: 80)
    let taken = taken(halts, of: sample)
    let burst = taken.count { $0 < 50_000_000 }
    // All but what the bins of 16 ms blur.
    #expect((8_000...12_000).contains(burst))
    #expect((9_000...11_000).contains(taken.count - burst))
  }

  @Test func `has few spans where each has few halts of each thread`() {
    let threads = Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, 10_000 as UInt64) })
    // 1,000 halts of ten threads: three spans of 33 each.
    let samples = HaltSample.each(of: threads, at: times(even), most: 1_000)
    #expect(Set(samples.values.map(\.spans)).count == 1)
    #expect(samples[0]?.spans.count == 3)
    #expect((990...1_010).contains(samples[0].map { taken(even, of: $0).count } ?? 0))
    #expect(HaltSample.each(of: threads, at: times(even), most: 100)[0]?.spans.count == 1)
  }

  @Test func `has longer spans, that begin together, of threads with few`() throws {
    let samples = HaltSample.each(
      of: ["busy": 90_000, "slow": 9_500, "idle": 500] as [String: UInt64], at: times(even),
      most: 12_000)
    // 2,000 of each at least, and of the busy one what is left: 9,500 of 90,000.
    let share = samples.mapValues { Double(taken(even, of: $0).count) / 100_000 }
    #expect(share["idle"] == 1)
    #expect(abs(try #require(share["slow"]) - 2_000.0 / 9_500) < 0.002)
    #expect(abs(try #require(share["busy"]) - 9_500.0 / 90_000) < 0.002)
    #expect(samples["slow"]?.spans.map(\.lowerBound) == samples["busy"]?.spans.map(\.lowerBound))
  }

  @Test func `is all where all are wanted`() {
    #expect(taken(even, of: HaltSample(of: times(even), share: 1, spans: 80)).count == 100_000)
    #expect(taken(even, of: .all).count == 100_000)
    #expect(taken(even, of: HaltSample(of: HaltTimes(), share: 0.5, spans: 80)).isEmpty)
  }

  @Test func `breaks the log off where halts are left out`() {
    let effective = EffectiveParameters(
      rules: .newest,
      parameters: PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2))
    let halts = (0..<1_000 as Range<UInt64>).map { number in
      WindowedHalt(
        Halt(woke: Timestamp(number << 10), block: 1, ending: .polled), window: 10_000,
        left: 10_000, effective: effective)
    }
    var log = HaltLog()
    let sample = HaltSample(of: times(halts.map(\.halt.woke.rawValue)), share: 0.1, spans: 3)
    // As rounds and batches hand them over.
    for first in stride(from: 0, to: 1_000, by: 64) {
      let batch = Array(halts[first..<min(first + 64, 1_000)])
      log.add(batch.span, of: sample)
    }
    #expect(log.stretches.count == 3)
    #expect(
      log.entries.map(\.woke.rawValue) == taken(halts.map(\.halt.woke.rawValue), of: sample))
    #expect((99...101).contains(log.entries.count))
  }
}

@Suite struct `The times of halts` {
  @Test func `do not depend on how they are put together`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let width = UInt64.random(in: 1..<1 << 50, using: &random)
      let halts = (0..<300).map { _ in UInt64.random(in: 0..<width, using: &random) }
      let parts = [halts.prefix(100), halts[100..<101], halts.suffix(199)].map { times($0) }
      let whole = times(halts)
      #expect(parts.reduce(HaltTimes(), +) == whole)
      #expect(parts.reversed().reduce(HaltTimes(), +) == whole)
      #expect(times(halts.sorted()) == whole)
      #expect(whole.count == 300)
    }
  }

  @Test func `may be any`() {
    let far = times([0, .max])
    #expect(far.count == 2)
    // 4,096 bins of 2⁵² ns.
    #expect(
      far.times(ofHalts: [0, 1, 2])
        == [Timestamp(0), Timestamp(4_095 << 52), Timestamp(.max)])
    let sample = HaltSample(of: far, share: 1, spans: 1)
    #expect(sample.span(of: Timestamp(0)) != nil)
  }

  @Test func `are found by number, spread evenly over a bin`() {
    // Four in the first bin of 1,024 ns, two in the third.
    let halts = times([1_024, 1_030, 1_040, 2_000, 3_072, 3_073])
    #expect(
      halts.times(ofHalts: [0, 1, 4, 5, 6])
        == [1_024, 1_280, 3_072, 3_584, 4_096].map { Timestamp($0) })
  }
}
