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
