import PollTrace
import PollTraceReplay
import PollTraceTrial
import Testing

@Suite struct `A trial's design` {
  @Test func `has each setting once in each round, in an order that the seed decides`() {
    func design(_ seed: UInt64) -> TrialDesign {
      TrialDesign(
        settings: 3, length: 600_000_000_000, block: 20_000_000_000, settling: 2_000_000_000,
        seed: seed)
    }
    #expect(design(1) == design(1))
    #expect(design(1).rounds != design(2).rounds)
    #expect(design(1).rounds.count == 10)
    for round in design(1).rounds { #expect(round.sorted() == [0, 1, 2]) }
  }

  @Test func `begins with either of two settings equally often`() {
    let design = TrialDesign(
      settings: 2, count: 10_000, block: 1, settling: 0, seed: 3)
    let first = design.rounds.count { $0[0] == 0 }
    #expect((4_800...5_200).contains(first))
  }

  @Test func `leaves out what windows need to adapt`() {
    let parameters = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
    #expect(Settling.steps(parameters) == 6)
    let block: Nanoseconds = 20_000_000_000
    #expect(Settling.time(steps: 6, haltsPerSecond: 1_000, block: block) == 500_000_000)
    #expect(Settling.time(steps: 6, haltsPerSecond: 40, block: block) == 1_500_000_000)
    #expect(Settling.time(steps: 6, haltsPerSecond: 1, block: block) == 5_000_000_000)
    #expect(Settling.time(steps: 6, haltsPerSecond: nil, block: block) == 2_000_000_000)
  }
}

private func measure(
  halts: Int64 = 1_000, poll: Int64 = 1_000_000, latency: Int64 = 30_000_000,
  pressure: Double? = nil
) -> BlockMeasure {
  var measure = BlockMeasure(length: 20_000_000_000, cpus: 1)
  measure.outcome.halts = halts
  measure.outcome.failTime = poll
  measure.outcome.latency = latency
  measure.pressure = pressure
  return measure
}

@Suite struct `A judge` {
  @Test func `does not compare blocks without halts`() {
    var judge = TrialJudge(candidates: 1, objective: .balanced)
    judge.take([measure(), measure(halts: 0, poll: 0, latency: 0)])
    #expect(judge.effect(of: 1).pairs == 0)
    #expect(judge.effect(of: 1).left == 1)
    #expect(judge.verdict(round: 1) == .undecided(further: nil))
  }

  @Test func `calls more load no harm`() {
    var judge = TrialJudge(candidates: 1, objective: .balanced)
    for number in 1...10 {
      let halts = Int64(1_000 + number)
      judge.take([
        measure(halts: halts, poll: halts * 900 + Int64(number % 3), latency: halts * 30_000),
        measure(halts: 3 * halts, poll: halts * 2_700, latency: halts * 90_000),
      ])
    }
    #expect(judge.verdict(round: 1) == .indifferent)
  }

  @Test func `finds harm to the host's other tasks, and to what was promised`() {
    var judge = TrialJudge(candidates: 1, objective: .balanced)
    var strict = TrialJudge(
      candidates: 1, objective: .balanced, promise: LatencyPromise(.mean, 20_000))
    for number in 1...10 {
      let noise = Double(number % 3) / 1_000
      let round = [measure(pressure: 0.1), measure(poll: 1_001_000, pressure: 0.2 + noise)]
      judge.take(round)
      strict.take([measure(), measure(latency: 30_000_000 + Int64(number % 3) * 10_000)])
    }
    #expect(judge.harm(of: 1) == .pressure)
    #expect(strict.harm(of: 1) == .latency)
  }

  @Test func `says how much longer a decision may need`() {
    var judge = TrialJudge(candidates: 1, objective: .balanced)
    for number in 0..<10 {
      judge.take([measure(), measure(latency: number.isMultiple(of: 2) ? 22_000_000 : 34_000_000)])
    }
    guard case .undecided(let further?) = judge.verdict(round: 40) else {
      Issue.record("\(judge.verdict(round: 40))")
      return
    }
    #expect(further.rawValue.isMultiple(of: 40) && further > 0 && further <= 4_000)
  }
}
