import Foundation
import PollTrace
import Testing

@testable import PollTraceReplay

/// A log of halts that end at `ends` and last `blocks`, all slept, with a latency of 30 µs.
private func log(_ halts: [(end: UInt64, block: UInt64)]) -> HaltLog {
  let closed = EffectiveParameters(
    rules: .newest,
    parameters: PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2))
  var log = HaltLog()
  for halt in halts {
    let slept = Halt(
      woke: Timestamp(halt.end), block: Nanoseconds(halt.block), ending: .slept,
      wakeLatency: 30_000, waker: .interrupt, wokenBy: ThreadID(7))
    log.add(WindowedHalt(slept, window: 0, left: 0, effective: closed))
  }
  return log
}

@Suite struct `Hidden wake events` {
  @Test func `are not made up for a timer`() {
    let log = log((1...400).map { (end: UInt64($0) * 200_000, block: 190_000) })
    let halts = Observation(log)
    let gaps = GapDensity.Gaps(halts)
    let density = GapDensity(gaps, grid: GapDensity.Grid(gaps))
    let likelihoods = GapDensity.HiddenEventLikelihoods(
      gaps, Array(gaps.indices), density.grid)
    var random = SplitMix64(seed: 3)
    #expect(density.hiddenEvents(gaps, likelihoods, halts, &random).count < 8)
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
    let likelihoods = GapDensity.HiddenEventLikelihoods(
      gaps, Array(gaps.indices), density.grid)
    let found = density.hiddenEvents(gaps, likelihoods, halts, &random).count
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
    var likelihoods = GapDensity.HiddenEventLikelihoods(gaps, Array(gaps.indices), grid)
    likelihoods.weigh(full, renewals)
    var mass = [Double](repeating: 0, count: full.count)
    var hidden = [Double](repeating: 0, count: GapDensity.hidingBins)
    var (most, far) = (0, 0)
    for place in gaps.indices {
      let gap = gaps.length(of: place) / grid.bin
      let bins = (0..<GapDensity.hidingBins).filter {
        Double($0) + 0.5 < min(gaps.hidden(in: place) / grid.bin, gap)
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

/// A halt of `block` ns that ended at `woke`, under a window of `window` ns.
private func entry(
  woke: UInt64, block: UInt64, _ ending: Halt.Ending, window: UInt32?, left: UInt64? = nil,
  latency: UInt64? = nil, waker: Halt.Waker = .interrupt, successor: ThreadID = .idle
) -> WindowedHalt {
  let halt = Halt(
    woke: Timestamp(woke), block: Nanoseconds(block), ending: ending,
    wakeLatency: latency.map { Nanoseconds($0) },
    poll: left.map { .measured(Nanoseconds($0)) } ?? .unmeasured, waker: waker,
    successor: successor)
  let effective = EffectiveParameters(
    rules: .newest,
    parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
  guard let window else {
    return WindowedHalt(halt, unknown: .undecided, effective: effective)
  }
  return WindowedHalt(halt, window: window, left: window, effective: effective)
}

@Suite struct `A log of halts` {
  @Test func `gives its halts to the replay, 40 bytes each`() {
    #expect(MemoryLayout<HaltLog.Entry>.stride == 40)
    var log = HaltLog()
    log.add(
      entry(woke: 300_000, block: 200_000, .slept, window: 20_000, left: 21_500, latency: 30_000))
    log.add(entry(woke: 400_000, block: 5_000, .polled, window: nil))
    log.breakOff()
    log.add(entry(woke: 500_000, block: 7_000, .polled, window: 0))
    #expect(log.stretches == [0..<2, 2..<3])
    let halts = Observation(log)
    #expect((halts[0].woke, halts[0].began, halts[0].arrival) == (300_000, 100_000, 270_000))
    #expect((halts[0].wait, halts[0].left, halts[0].polled) == (170_000, 21_500, 20_000))
    #expect(halts[0].pollRanOut)
    #expect(!halts[1].slept && !halts[1].hasWindow && halts[1].window == 0 && halts[1].left == -1)
    #expect(halts[2].hasWindow && halts[2].window == 0)
    #expect(halts.stretches == [0..<2, 2..<3])
  }

  @Test func `keeps numbers that only damage explains within reach`() {
    var log = HaltLog()
    log.add(entry(woke: .max, block: .max, .slept, window: 0, latency: .max))
    log.add(entry(woke: 5, block: 1, .polled, window: 0, latency: 9))
    let halts = Observation(log)
    #expect(halts[0].woke == 1 << 61)
    #expect(halts[0].block == 1 << 42)
    #expect(halts[0].latency == Int64(UInt32.max))
    #expect(halts[1].woke == 1 << 61 - 1 << 42)
    #expect(halts[1].latency == 0)
  }
}

@Suite struct `Polls cut short` {
  /// 100 halts of 100 µs under a window of 50 µs, whose polls were cut at `left` where that is given.
  private func halts(
    waker: Halt.Waker, _ left: (UInt64) -> UInt64?, window: UInt32? = 50_000,
    successor: ThreadID = .idle
  ) -> Observation {
    var log = HaltLog()
    for index in 0..<100 as Range<UInt64> {
      log.add(
        entry(
          woke: 1_000_000 + index * 200_000, block: 100_000, .slept, window: window,
          left: left(index), latency: 30_000, waker: waker, successor: successor))
    }
    return Observation(log)
  }

  @Test func `last as long as they lasted`() {
    var random = SplitMix64(seed: 1)
    let all = halts(waker: .taskOnSameCPU, { 10_000 + $0 * 100 })
    let cuts = PollCuts(all, &random)
    #expect(cuts.count == 100)
    #expect(cuts.share == 1)
    // Less the time from the end of the poll to the switch.
    #expect(cuts.limits == (0..<100).map { 8_500 + $0 * 100 })
  }

  @Test func `are none where each ran its window`() {
    var random = SplitMix64(seed: 1)
    let cuts = PollCuts(halts(waker: .interrupt, { _ in 51_500 }), &random)
    #expect(cuts.limits.allSatisfy { $0 == .max })
    #expect(cuts.share == 0)
    #expect(cuts.assuming(everyPoll: true).limits == Array(repeating: 0, count: 100))
    #expect(cuts.assuming(everyPoll: false).limits == Array(repeating: .max, count: 100))
  }

  @Test func `are as frequent where nothing tells as where something does`() {
    var random = SplitMix64(seed: 1)
    // Every second one that shows it was cut; of every third the window is unknown.
    var log = HaltLog()
    for index in 0..<3_000 as Range<UInt64> {
      log.add(
        entry(
          woke: 1_000_000 + index * 200_000, block: 100_000, .slept,
          window: index % 3 == 0 ? nil : 50_000, left: index % 2 == 0 ? 11_500 : 51_500,
          latency: 30_000))
    }
    let cuts = PollCuts(Observation(log), &random)
    let unknown = stride(from: 0, to: 3_000, by: 3).filter { cuts.limits[$0] < .max }
    #expect((450...550).contains(unknown.count))
    #expect(unknown.allSatisfy { cuts.limits[$0] == 10_000 })
  }

  @Test func `end at once where another task took the CPU and no window was open`() {
    var random = SplitMix64(seed: 1)
    let taken = halts(waker: .interrupt, { _ in 1_500 }, window: 0, successor: ThreadID(9))
    #expect(PollCuts(taken, &random).limits == Array(repeating: 0, count: 100))
    let unknown = halts(waker: .interrupt, { _ in 1_500 }, window: nil, successor: ThreadID(9))
    #expect(PollCuts(unknown, &random).limits == Array(repeating: .max, count: 100))
  }
}

@Suite struct `Times that the guest runs` {
  /// Halts after which the guest runs for `busy` ns each.
  private func halts(_ busy: [(UInt64, Halt.Ending)]) -> Observation {
    var (log, time) = (HaltLog(), 1_000_000 as UInt64)
    for (busy, ending) in busy {
      time += 50_000
      log.add(
        entry(
          woke: time, block: 50_000, ending, window: 0,
          latency: ending == .slept ? 30_000 : nil))
      time += busy
    }
    return Observation(log)
  }

  @Test func `are longer after a sleep where they were`() {
    let busy = BusyTimes(
      halts((0..<200).map { $0 % 2 == 0 ? (20_000, .slept) : (5_000, .polled) }))
    #expect(!busy.lacksPolled)
    #expect(Set(busy.afterSleep) == [20_000])
    #expect(Set(busy.afterPoll) == [5_000])
    #expect(busy.lowestTenth == 5_000)
  }

  @Test func `are those after a sleep where fewer than 20 halts polled`() {
    let busy = BusyTimes(
      halts((0..<200).map { $0 < 19 ? (5_000, .polled) : (20_000 + UInt64($0), .slept) }))
    #expect(busy.lacksPolled)
    #expect(busy.afterPoll == busy.afterSleep)
  }

  @Test func `stay with their halt where they are outliers`() {
    let busy = BusyTimes(
      halts((0..<200).map { (($0 == 77 ? 9_000_000 : 20_000 + UInt64($0)), .slept) }))
    #expect(busy.isOutlier.indices.filter { busy.isOutlier[$0] } == [77])
    #expect((busy.afterSleep.max() ?? 0) < 21_000)
  }

  @Test func `leave out those in which other events were hidden`() {
    let all = halts((0..<100).map { ($0 % 2 == 0 ? 20_000 : 60_000, .slept) })
    let busy = BusyTimes(all)
    #expect((busy.afterSleep.first, busy.afterSleep.last) == (20_000, 60_000))
    let hidden = Set(stride(from: 1, to: 100, by: 2))
    #expect(Set(busy.without(hidden, all).afterSleep) == [20_000])
  }
}

@Suite struct `Latencies by the time asleep` {
  private func latencies(_ count: Int) -> Latencies {
    var log = HaltLog()
    for index in 0..<UInt64(count) {
      log.add(
        entry(
          woke: 1_000_000 + index * 500_000, block: 100_000 + index % 7, .slept, window: 0,
          latency: 30_000 + index % 64 * 10))
    }
    return Latencies(Observation(log))
  }

  @Test func `are shifted by two standard errors of their middle, and by 3 % at least`() {
    let found = latencies(640)
    let row = Latencies.row(wait: 70_000, asleep: 70_000, hasShallowRow: false)
    let middle = { (table: Latencies) in Double(table.table[row * Quantiles.ranks + 32]) }
    #expect(abs(middle(found) - 30_320) < 20)
    // The quantiles lie so near each other that 3 % of the median decide, twice.
    #expect(abs(middle(found.shifted(2)) / middle(found) - 1.06) < 0.001)
    #expect(abs(middle(found.shifted(-2)) / middle(found) - 0.94) < 0.001)
  }

  @Test func `are shifted by what their spread makes uncertain where that is more`() {
    // 64 waits of 100 µs that end 20, 21, … 83 µs late.
    var log = HaltLog()
    for index in 0..<64 as Range<UInt64> {
      log.add(
        entry(
          woke: 1_000_000 + index * 500_000, block: 120_000 + index * 1_000, .slept, window: 0,
          latency: 20_000 + index * 1_000))
    }
    let found = Latencies(Observation(log))
    let row = Latencies.row(wait: 100_000, asleep: 100_000, hasShallowRow: false)
    let quantiles = { (table: Latencies) in
      [0, 32].map { table.table[row * Quantiles.ranks + $0] }
    }
    // The middles of the first and the 33rd of 64 equal parts: 0.5 / 64 and 32.5 / 64 of the way.
    #expect(quantiles(found) == [20_492, 51_992])
    // From the 17th to the 49th are 31.5 µs: a standard deviation of 31.5 / 1.35. A median of 64 has
    // 1.25 / √64 of it, and two of those are 7.29 µs; 3 % of the median, twice, are 3.12 µs.
    #expect(quantiles(found.shifted(2)) == [27_783, 59_283])
    #expect(quantiles(found.shifted(-2)) == [13_200, 44_700])
  }

  @Test func `are longer or shorter by a factor where fewer than 20 were measured`() {
    let found = latencies(19)
    let shifted = [found.shifted(2), found.shifted(-2)].map(\.table)
    #expect(shifted[0] == found.table.map { Int32(Double($0) * 2.5) })
    #expect(shifted[1] == found.table.map { Int32(Double($0) * 0.3) })
  }
}
