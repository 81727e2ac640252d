import CReplay
import PollTrace
import Testing

@testable import PollTraceReplay

/// An outcome that costs `cost` ns of polling in one halt.
private func polling(_ cost: Int64, halts: Int64 = 1) -> PollOutcome {
  var outcome = PollOutcome()
  (outcome.halts, outcome.attempted, outcome.failTime) = (halts, halts, cost)
  return outcome
}

private func prediction(_ costs: [Int64], trace: Int = 0) -> VCPUPrediction {
  VCPUPrediction(trace: trace, blocks: costs.map { polling($0) })
}

@Suite struct `Blocks of time` {
  @Test func `belong to the recording, not to the stretches between losses`() {
    let blocks = TimeBlocks(RecordingSpan(until: 20_000))
    #expect(blocks.count == 20)
    #expect([0, 999, 5_500, 19_999, 30_000].map(blocks.index) == [0, 0, 5, 19, 19])
    let halves = blocks.joined(into: 2)
    #expect(halves.index(of: blocks.end(of: 9)) == 1)
    #expect(halves.index(of: blocks.end(of: 9) - 1) == 0)
  }

  @Test(arguments: [WakeSource.Kind.external, .ownRequests])
  func `count each halt of a schedule when it began`(source: WakeSource.Kind) {
    // Ten halts at the beginning, and after a loss thirty at the end.
    let events =
      (1...10).map { Int64($0) * 10_000 } + (1...30).map { 9_100_000 + Int64($0) * 10_000 }
    let schedule = Schedule(
      source: source, servesWhileBusy: false,
      arrivals: events.map {
        Schedule.Arrival(
          time: source == .external ? $0 : 9_000, busyAfterPoll: 1_000, busyAfterSleep: 1_000,
          pollLimit: .max, ownLatency: -1, rank: 0)
      },
      stretches: [
        Schedule.Stretch(arrivals: 0..<10, begin: 0, end: 105_000),
        Schedule.Stretch(arrivals: 10..<40, begin: 9_100_000, end: 9_405_000),
      ],
      blocks: TimeBlocks(RecordingSpan(until: 10_000_000)), window: 0,
      latencies: Array(repeating: 1_000, count: Latencies.rows * Quantiles.ranks),
      hasShallowRow: false, pending: 0)
    let off = PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2)
    let plain = schedule.replay(KernelPolling(parameters: off, rules: .newest), blocks: 20)
    let vectors = ScheduleLanes(schedule).replay([off], .newest, blocks: 20, threads: 1)[0]
    #expect(plain == vectors)
    #expect(plain.indices.filter { plain[$0].halts > 0 } == [0, 18])
    #expect(plain[18].halts > 2 * plain[0].halts)
    let halves = schedule.replay(KernelPolling(parameters: off, rules: .newest), blocks: 2)
    #expect(halves.map(\.halts) == [plain[0].halts, plain[18].halts])
  }

  @Test func `add up over the vCPUs of a trace before their spread is taken`() {
    let costs: [Int64] = [0, 200, 0, 200]
    // 4/3 Σ (y - 100)² of one, whose root is √(4/3 · 4) · 100.
    let one = BlockTotals([prediction(costs)]).error { Double($0.pollTime) }
    #expect(abs(one - 230.940) < 0.001)
    // Two vCPUs with the same bursts are twice as uncertain, two traces √2 times.
    let shared = BlockTotals([prediction(costs), prediction(costs)])
    #expect(abs(shared.error { Double($0.pollTime) } - 2 * one) < 1e-9)
    let apart = BlockTotals([prediction(costs), prediction(costs, trace: 1)])
    #expect(abs(apart.error { Double($0.pollTime) } - 2.0.squareRoot() * one) < 1e-9)
    // Two that take turns are certain.
    let turns = BlockTotals([prediction(costs), prediction(costs.reversed())])
    #expect(turns.error { Double($0.pollTime) } == 0)
  }

  @Test func `give a ratio the spread of its residuals`() {
    // The ratio is 1/2 in each block, however many halts it has.
    let even = [2, 4, 10, 40].map { polling($0 / 2, halts: $0) }
    let steady = BlockTotals([VCPUPrediction(trace: 0, blocks: even)])
    #expect(steady.error(ofRatio: { (Double($0.pollTime), Double($0.halts)) }) == 0)
    // Ratios of 1 and 0: residuals of ±5 around 1/2 · 10, so √(4/3 · 100) / 40.
    let uneven = [10, 0, 10, 0].map { polling($0, halts: 10) }
    let varied = BlockTotals([VCPUPrediction(trace: 0, blocks: uneven)])
    #expect(
      abs(varied.error(ofRatio: { (Double($0.pollTime), Double($0.halts)) }) - 0.288_675) < 1e-6)
  }
}

@Suite struct `A comparison` {
  @Test func `has the spread of the differences, not that of either setting`() {
    let now = [prediction([100, 300, 200, 400]), prediction([0, 200, 100, 300])]
    let then = [prediction([90, 290, 190, 390]), prediction([0, 200, 80, 280])]
    let comparison = Comparison(now, then, .efficiency)
    #expect(comparison.gain == 80)
    // Differences by block: 10, 10, 30, 30, which is ±10 around 20.
    #expect(abs(comparison.error - (4.0 / 3 * 400).squareRoot()) < 1e-9)
  }

  @Test func `is as good as the least favourable assumption`() {
    let now = VCPUPrediction(
      trace: 0, blocks: [polling(100)], bounds: [.slower: polling(120), .denser: polling(100)],
      placements: [.allCutShort: polling(0)])
    let then = VCPUPrediction(
      trace: 0, blocks: [polling(40)], bounds: [.slower: polling(110), .denser: polling(20)],
      placements: [.allCutShort: polling(30)])
    let comparison = Comparison([now], [then], .efficiency)
    #expect(comparison.gain == 60)
    #expect(comparison.worstNear == 10)
    #expect(comparison.worstFar == -30)
  }
}

@Suite struct `An interval` {
  private let setting = PollParameters(ceiling: 10_000, grow: 2, growStart: 10_000, shrink: 2)

  @Test func `holds chance, the model's miss and the assumptions`() {
    let blocks = [0, 200, 0, 200].map { polling($0) }
    let vcpu = VCPUPrediction(
      trace: 0, blocks: blocks, bounds: [.slower: polling(500, halts: 4)],
      placements: [.allCutShort: polling(1_000, halts: 4)])
    let predicted = Prediction(
      [vcpu], under: setting, itself: [vcpu], recorded: polling(430, halts: 4), time: 1_000_000,
      weight: 0)
    // 6.44 standard errors of 230.94, 30 off what was recorded, and a hundredth.
    let beside = 6.44 * 230.940_107_6 + 30 + 4
    #expect(predicted.cost.value == 400)
    #expect(predicted.cost.near.lowerBound == 0)
    #expect(abs(predicted.cost.near.upperBound - (500 + beside)) < 0.001)
    #expect(abs(predicted.cost.range.upperBound - (1_000 + beside)) < 0.001)
  }

  @Test func `is due to what would narrow it`() {
    let blocks = [0, 200, 0, 200].map { polling($0) }
    let vcpu = VCPUPrediction(
      trace: 0, blocks: blocks,
      bounds: [.slower: polling(500, halts: 4), .denser: polling(300, halts: 4)],
      placements: [.allCutShort: polling(1_000, halts: 4)],
      doubts: [.slower: .recording, .denser: .nothing, .allCutShort: .events])
    let cost = Prediction(
      [vcpu], under: setting, itself: [vcpu], recorded: polling(430, halts: 4), time: 1_000_000,
      weight: 0
    ).cost
    // Alone a longer recording reaches over 100 and both sides of chance, events over 600, the rest over 100
    // and both sides of the miss and a hundredth.
    let (recording, events, nothing) = (100 + 2 * 6.44 * 230.940_107_6, 600.0, 100 + 2 * 34.0)
    let all = recording + events + nothing
    let width = cost.range.upperBound - cost.range.lowerBound
    #expect(abs(cost.doubt.recording - recording / all * width) < 0.01)
    #expect(abs(cost.doubt.events - events / all * width) < 0.01)
    #expect(abs(cost.doubt.nothing - nothing / all * width) < 0.01)
  }

  @Test func `of off is what the assumptions say, without chance`() {
    var off = setting
    off.ceiling = 0
    let vcpu = VCPUPrediction(trace: 0, blocks: [polling(0), polling(0)])
    let predicted = Prediction(
      [vcpu], under: off, itself: [prediction([0, 900])], recorded: polling(0), time: 1_000,
      weight: 0)
    #expect(predicted.pollShare.range == 0...0)
  }
}
