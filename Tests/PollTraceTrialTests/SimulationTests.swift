import PollTrace
import PollTraceReplay
import PollTraceTrial
import Testing

private func design(_ seed: UInt64, settings: Int = 2, block: UInt64 = 20) -> TrialDesign {
  TrialDesign(
    settings: settings, length: 600_000_000_000, block: Nanoseconds(block * 1_000_000_000),
    settling: Nanoseconds(2_000_000_000), seed: seed)
}

@Suite struct `A trial on a simulated host` {
  private let off = SimulatedHost.polling(0)

  @Test func `finds a difference where there is none in at most one of 20 runs`() {
    // The load swings by half, and most runs' blocks differ by more than chance.
    let host = SimulatedHost(
      rate: 100, drift: 0.5,
      settings: [SimulatedHost.polling(200_000), SimulatedHost.polling(200_000)])
    let runs = 1_000
    var wrong = 0
    for seed in 0..<UInt64(runs) {
      let (verdict, judge, _) = verdict(host, design(seed), seed: seed &* 7 &+ 1)
      let isOutside = !judge.effect(of: 1).range.contains(1)
      if isOutside { wrong += 1 }
      if case .better = verdict { #expect(isOutside) }
    }
    #expect(wrong <= runs / 20)
  }

  @Test func `finds a candidate indifferent that is`() {
    var right = 0
    for seed in 0..<UInt64(20) {
      let host = SimulatedHost(settings: [off, SimulatedHost.polling(5_000)])
      if verdict(host, design(seed), seed: seed &* 7 &+ 1).verdict == .indifferent { right += 1 }
    }
    #expect(right >= 19)
  }
}
