import PollTrace
import Testing

@testable import PollTraceReplay

private let present = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
private let other = PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2)

/// An outcome that costs `cost` µs of polling.
private func polling(_ cost: Int64) -> PollOutcome {
  var outcome = PollOutcome()
  (outcome.halts, outcome.attempted, outcome.failTime) = (100, 100, cost * 1_000)
  return outcome
}

/// A second of a vCPU that polls for so many µs in each of four blocks of time.
private func prediction(_ costs: [Int64], slower: Int64? = nil) -> VCPUPrediction {
  VCPUPrediction(
    trace: 0, blocks: costs.map(polling),
    bounds: slower.map { [.slower: polling($0)] } ?? [:])
}

@Suite struct `A verdict` {
  private func verdict(
    _ now: [Int64], _ then: [Int64], slower: (Int64, Int64)? = nil, holdout: Double? = nil,
    best: PollParameters = other, maxPollShare: Double? = nil
  ) -> Recommendation.Verdict {
    var adviser = Adviser(defaults: present, threads: 1)
    adviser.objective = .efficiency
    adviser.maxPollShare = maxPollShare
    let comparison = Comparison(
      [prediction(now, slower: slower?.0)], [prediction(then, slower: slower?.1)], .efficiency)
    let current = Choice(
      name: .current, parameters: present,
      outcome: now.map(polling).reduce(PollOutcome.zero, +))
    return adviser.judge(
      comparison, Sweep.Row(parameters: best, halves: [.zero, .zero]), current, present,
      holdout.map { Recommendation.Holdout(costRatio: $0, parameters: best) }, 1e9)
  }

  @Test func `is to change where the gain is clear`() {
    #expect(verdict([10_000, 12_000, 11_000, 9_000], [8_000, 9_900, 9_100, 7_000]) == .change)
    #expect(
      verdict([10_000, 12_000, 11_000, 9_000], [8_000, 9_900, 9_100, 7_000], holdout: 0.999)
        == .change)
  }

  @Test func `is to keep what is the best found`() {
    #expect(verdict([10_000, 10_000], [1_000, 1_000], best: present) == .keep(.isBest))
  }

  @Test func `is to keep what costs no more than 5 % more, or than 0.05 % of a CPU`() {
    // 40 ms of polling: 2 ms are 5 %.
    let now = [Int64](repeating: 10_000, count: 4)
    #expect(verdict(now, [9_510, 9_510, 9_510, 9_510]) == .keep(.tooLittle(0.049)))
    #expect(verdict(now, [9_490, 9_490, 9_490, 9_490]) == .change)
    // Half of next to nothing: 0.5 ms a second are worth it.
    #expect(verdict([250, 250, 250, 250], [126, 126, 126, 126]) == .keep(.tooLittle(0.496)))
    #expect(verdict([250, 250, 250, 250], [124, 124, 124, 124]) == .change)
    // What costs more saves nothing.
    #expect(verdict(now, [11_000, 11_000, 11_000, 11_000]) == .keep(.tooLittle(0)))
  }

  @Test func `is to keep where the gain is less than two standard errors`() {
    let now = [Int64](repeating: 10_000, count: 4)
    // Gains of 8, 0, 0 and 0 ms: ±8 ms, since √(4/3 (6² + 3 · 2²)) = 8.
    guard case .keep(.withinChance(let share, let error)) = verdict(now, [2_000] + now[1...])
    else {
      Issue.record("not within chance")
      return
    }
    #expect(abs(share - 0.2) < 1e-12)
    #expect(abs(error - 0.2) < 1e-12)
    // 8, 4, 4 and 4 ms: 20 ± 4 ms.
    #expect(verdict(now, [2_000, 6_000, 6_000, 6_000]) == .change)
  }

  @Test func `is to keep what an assumption makes the better one`() {
    let (now, then) = ([Int64](repeating: 10_000, count: 4), [Int64](repeating: 8_000, count: 4))
    #expect(
      verdict(now, then, slower: (40_000, 42_000)) == .keep(.dependsOnTheUnseen(-0.05)))
    #expect(verdict(now, then, slower: (40_000, 39_000)) == .change)
  }

  @Test func `is to keep what the second half of the time does not bear out`() {
    let (now, then) = ([Int64](repeating: 10_000, count: 4), [Int64](repeating: 8_000, count: 4))
    #expect(verdict(now, then, holdout: 1) == .keep(.failedHoldout(1)))
  }

  @Test func `is to change what polls more than is allowed, whatever it saves`() {
    let now = [Int64](repeating: 10_000, count: 4)
    #expect(verdict(now, now, maxPollShare: 0.039) == .change)
    #expect(verdict(now, now, maxPollShare: 0.041) == .keep(.tooLittle(0)))
  }
}
