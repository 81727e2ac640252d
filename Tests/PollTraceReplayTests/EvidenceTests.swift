import Foundation
import PollTrace
import Testing

@testable import PollTraceReplay

/// A log of halts that end at `ends` and last `blocks`, all slept, with a latency of 30 µs.
private func log(_ halts: [(end: UInt64, block: UInt64)]) -> HaltLog {
  var log = HaltLog()
  for halt in halts {
    let halt = Halt(
      woke: Timestamp(halt.end), block: Nanoseconds(halt.block), ending: .slept,
      wakeLatency: 30_000, waker: .interrupt)
    log.add(WindowedHalt(halt, window: 0, left: 0))
  }
  return log
}

@Suite struct `Hidden wake events` {
  @Test func `are not made up for a timer`() {
    let log = log((1...400).map { (end: UInt64($0) * 200_000, block: 190_000) })
    let halts = Observation(log)
    let gaps = GapDensity.Gaps(halts)
    let density = GapDensity(gaps, grid: GapDensity.Grid(gaps))
    var random = SplitMix64(seed: 3)
    #expect(density.hiddenEvents(gaps, halts, &random).count < 8)
  }

  @Test func `are found where events come at random`() {
    // A Poisson stream with a mean gap of 98 µs; each sleep hides 60 µs of it.
    var random = SplitMix64(seed: 11)
    var time = 1_000_000.0
    var seen: [(end: UInt64, block: UInt64)] = []
    var began = time
    var hidden = 0
    for _ in 0..<6_000 {
      time += -98_000 * log(1 - random.uniform())
      if time < began {
        hidden += 1
        continue
      }
      let end = time + 30_000
      seen.append((UInt64(end), UInt64(end - began)))
      began = end + 30_000
    }
    let halts = Observation(log(seen))
    let gaps = GapDensity.Gaps(halts)
    let density = GapDensity(gaps, grid: GapDensity.Grid(gaps))
    let found = density.hiddenEvents(gaps, halts, &random).count
    #expect(hidden > 1_000)
    // What never shows is only half determined: the fit errs on the side of fewer.
    #expect(Double(found) > 0.6 * Double(hidden), "\(found) of \(hidden)")
    #expect(Double(found) < 1.2 * Double(hidden), "\(found) of \(hidden)")
  }
}

@Suite struct `Where hidden events may lie` {
  /// Gaps of all lengths between halts, each with some of it hidden.
  private func gaps(_ random: inout SplitMix64) -> GapDensity.Gaps {
    var time = 1_000_000.0
    let seen = (0..<500).map { index in
      // From within the equal bins to far behind them.
      let sleep = 20_000 + (index.isMultiple(of: 7) ? 4_000_000 : 300_000) * random.uniform()
      time += sleep + 90_000 * random.uniform() * random.uniform()
      return (end: UInt64(time), block: UInt64(sleep))
    }
    return GapDensity.Gaps(Observation(log(seen)))
  }

  @Test func `add up to what each hiding bin and what it leaves of the gap come to`() {
    var random = SplitMix64(seed: 5)
    let gaps = gaps(&random)
    let grid = GapDensity.Grid(gaps)
    let full = grid.widths.map { _ in random.uniform() }
    let renewals = (0..<GapDensity.hidingBins).map { _ in random.uniform() }
    var likelihoods = GapDensity.HiddenEventLikelihoods(gaps, Array(gaps.gap.indices), grid)
    likelihoods.weigh(full, renewals)
    var mass = [Double](repeating: 0, count: full.count)
    var hidden = [Double](repeating: 0, count: GapDensity.hidingBins)
    var (most, far) = (0, 0)
    for place in gaps.gap.indices {
      let gap = gaps.gap[place] / grid.bin
      let bins = (0..<GapDensity.hidingBins).filter {
        Double($0) + 0.5 < min(gaps.hidden[place] / grid.bin, gap)
      }
      let places = bins.map { grid.index(gap - 0.5 - Double($0)) }
      let weights = zip(bins, places).map { renewals[$0] * full[$1] }
      let sum = full[grid.index(gap)] + weights.reduce(0, +)
      #expect(abs(likelihoods.sum(place) / sum - 1) < 1e-9, "gap \(place)")
      mass[grid.index(gap)] += full[grid.index(gap)] / sum
      for (index, bin) in bins.enumerated() {
        mass[places[index]] += weights[index] / sum
        hidden[bin] += weights[index] / sum
      }
      most = max(most, bins.count)
      far += places.contains { $0 >= GapDensity.linearBins } ? 1 : 0
      // Each place at its share, from the gap as it is to the last hiding bin.
      #expect(likelihoods.bin(at: 0, of: place) == nil)
      if !bins.isEmpty { #expect(likelihoods.bin(at: 1, of: place) == bins.last) }
    }
    let shared = likelihoods.shared()
    for (found, expected) in zip(shared.mass + shared.hidden, mass + hidden) {
      #expect(abs(found - expected) < 1e-9 * max(1, expected))
    }
    // What was to be tried.
    #expect(most > 32)
    #expect(far > 20)
  }
}

@Suite struct `Ranks among halts` {
  @Test func `follow the values, and chance among equal ones`() {
    var random = SplitMix64(seed: 7)
    // Two classes and a halt in none; half of the values occur twenty times.
    let values = (0..<1_001).map { Int64($0 % 2 == 0 ? $0 : $0 % 20) }
    let classes = [(0..<400).reversed().map(\.self), Array(400..<1_000)]
    var ranking = Ranking(count: values.count)
    for members in classes { ranking.add(members) { values[$0] } }
    let draws = (0..<20).map { _ in ranking.drawn(&random) }
    for ranks in draws {
      #expect(ranks[1_000] == nil)
      for members in classes {
        let sorted = members.sorted { (values[$0], ranks[$0] ?? 0) < (values[$1], ranks[$1] ?? 0) }
        #expect(
          sorted.compactMap { ranks[$0] }
            == sorted.indices.map { UInt8($0 * Quantiles.ranks / members.count) })
      }
    }
    for halt in 0..<1_000 {
      let found = Set(draws.map { $0[halt] })
      let isAlone = halt.isMultiple(of: 2) && values.filter { $0 == values[halt] }.count == 1
      if isAlone { #expect(found.count == 1) }
    }
    #expect(Set(draws.map { $0[1] }).count > 1)
  }

  @Test func `passed over, random numbers are those that would have come`() {
    var (drawn, skipped) = (SplitMix64(seed: 9), SplitMix64(seed: 9))
    let numbers = (0..<10).map { _ in drawn.next() }
    #expect(skipped.next(after: 7) == numbers[7])
    skipped.skip(10)
    #expect(skipped.next() == drawn.next())
  }
}
