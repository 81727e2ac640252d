import PollTrace
import PollTraceReplay
import PollTraceTrial
import Testing

/// Ten minutes in blocks of 20 s.
private func design(_ seed: UInt64) -> TrialDesign {
  TrialDesign(
    settings: 2, length: 600_000_000_000, block: 20_000_000_000, settling: 2_000_000_000, seed: seed
  )
}

/// Trials of `host`, one for each of `count` seeds.
private func trials(_ count: Int, _ host: SimulatedHost) throws -> [TrialSession] {
  try (0..<UInt64(count)).map { try trial(host, design($0), seed: $0 &* 7 &+ 1) }
}

@Suite struct `A trial on a simulated host` {
  private static let off = SimulatedHost.polling(0)

  /// The load swings by half, windows open and close at random, and one looks after each pair.
  @Test func `excludes the truth at any look in at most one of 20 runs`() throws {
    var host = SimulatedHost(
      rate: 100, drift: 0.5,
      settings: [SimulatedHost.polling(200_000), SimulatedHost.polling(200_000)])
    host.shortShare = 0.5
    let runs = 2_000
    var wrong = 0
    var better = 0
    for session in try trials(runs, host) {
      var judge = TrialJudge(candidates: 1, objective: .balanced)
      var isWrong = false
      for round in 0..<session.design.rounds.count {
        let blocks = session.blocks.filter { $0.round == round }.sorted { $0.setting < $1.setting }
        judge.take(blocks.map(\.measure))
        isWrong = isWrong || !judge.effect(of: 1).range.contains(1)
      }
      if isWrong { wrong += 1 }
      if case .better = session.verdict { better += 1 }
    }
    #expect(wrong <= runs / 20)
    #expect(wrong >= runs / 400)
    #expect(better <= wrong)
  }

  /// Polling for 26.5 µs in vain, and not at all.
  @Test func `finds a gain of 10 % in ten minutes of 1,000 halts a second in 9 of 10 runs`() throws
  {
    let host = SimulatedHost(settings: [SimulatedHost.always(26_500), Self.off])
    let sessions = try trials(60, host)
    let ratios = sessions.map { $0.judge.effect(of: 1).ratio }
    let mean = ratios.reduce(0, +) / Double(ratios.count)
    #expect((0.895...0.905).contains(mean))
    #expect(sessions.count { $0.verdict == .better(1) } >= 54)
    #expect(sessions.allSatisfy { $0.blocks.count == 30 })
  }

  @Test func `calls polling off better than a useless ceiling`() throws {
    let host = SimulatedHost(settings: [SimulatedHost.always(200_000), Self.off])
    #expect(try trials(20, host).count { $0.verdict == .better(1) } >= 19)
  }

  @Test func `ends a harmful candidate early`() throws {
    let host = SimulatedHost(settings: [Self.off, SimulatedHost.always(200_000)])
    let sessions = try trials(20, host)
    #expect(sessions.count { $0.verdict == .harmful(.cost) && $0.blocks.count < 30 } >= 19)
  }

  @Test func `finds a candidate indifferent that is`() throws {
    let host = SimulatedHost(settings: [Self.off, SimulatedHost.polling(5_000)])
    #expect(try trials(20, host).count { $0.verdict == .indifferent } >= 19)
  }
}
