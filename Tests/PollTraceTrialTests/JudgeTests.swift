import PollTrace
import PollTraceReplay
import PollTraceTrial
import Testing

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

  @Test func `finds harm to the host's other tasks, and to the limit of wake-up latency`() {
    var judge = TrialJudge(candidates: 1, objective: .balanced)
    var strict = TrialJudge(
      candidates: 1, objective: .balanced, limit: WakeLatencyLimit(.mean, most: 20_000))
    for number in 1...10 {
      let noise = Double(number % 3) / 1_000
      let round = [measure(pressure: 0.1), measure(poll: 1_001_000, pressure: 0.2 + noise)]
      judge.take(round)
      strict.take([measure(), measure(latency: 30_000_000 + Int64(number % 3) * 10_000)])
    }
    #expect(judge.harm(of: 1) == .pressure)
    #expect(strict.harm(of: 1) == .latency)
  }

  @Test func `does not compare blocks in which events were lost`() {
    var judge = TrialJudge(candidates: 1, objective: .balanced)
    var lossy = measure(latency: 90_000_000)
    lossy.lost = 1
    for _ in 0..<10 { judge.take([measure(), lossy]) }
    #expect(judge.effect(of: 1).pairs == 0)
    #expect(judge.effect(of: 1).left == 10)
  }

  @Test func `finds a gain only where the limit is shown to be kept`() {
    var judge = TrialJudge(
      candidates: 1, objective: .balanced, limit: WakeLatencyLimit(.mean, most: 20_000))
    var strict = TrialJudge(
      candidates: 1, objective: .balanced, limit: WakeLatencyLimit(.mean, most: 10_000))
    for number in 1...10 {
      let noise = Int64(number % 3) * 10_000
      judge.take([measure(), measure(latency: 15_000_000 + noise)])
      strict.take([measure(), measure(latency: 10_000_000 - 500 + noise / 10)])
    }
    #expect(judge.verdict(round: 1) == .better(1))
    #expect(strict.verdict(round: 1) != .better(1))
  }

  @Test func `holds only measured latency of the setting itself against the limit`() {
    let limit = WakeLatencyLimit(.mean, most: 20_000)
    for spoil in [
      { $0.latencyIsMeasured = false }, { $0.isCarriedOver = true }, { $0.lost = 1 },
    ] as [(inout BlockMeasure) -> Void] {
      var judge = TrialJudge(candidates: 1, objective: .balanced, limit: limit)
      for number in 1...10 {
        var late = measure(latency: 60_000_000 + Int64(number % 3) * 10_000)
        spoil(&late)
        judge.take([measure(latency: 60_000_000), late])
      }
      #expect(judge.harm(of: 1) == nil)
    }
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
