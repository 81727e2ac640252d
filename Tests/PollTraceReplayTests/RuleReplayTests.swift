import PollTrace
import Testing

@testable import PollTraceReplay

/// Lengths of halts around every bound that matters, and at random.
private func blocks(seed: UInt64) -> [Int32] {
  var random = SplitMix64(seed: seed)
  let bounds: [Int32] = [
    0, 1, 9_999, 10_000, 10_001, 20_000, 50_000, 199_999, 200_000, 200_001, .max,
  ]
  return (0..<5_000).map { _ in
    random.index(below: 4) == 0
      ? bounds[random.index(below: bounds.count)] : Int32(random.index(below: 400_000))
  }
}

@Suite struct `The rule in vectors` {
  // Powers of two, whose windows are multiplied, and others, which divide.
  @Test(arguments: PollRules.all, [[0, 1, 2, 4, 8], [0, 1, 2, 3, 7]] as [[UInt32]])
  func `is the rule beside the kernel's source, for every epoch and setting`(
    rules: PollRules, shrinks: [UInt32]
  ) {
    let blocks = blocks(seed: UInt64(rules.name.count))
    var settings: [PollParameters] = []
    for ceiling in [0, 1, 10_000, 200_000, 200_001, 4_000_000] as [UInt32] {
      for grow in [0, 1, 2, 3] as [UInt32] {
        for start in [0, 10_000, 300_000] as [UInt32] {
          for shrink in shrinks {
            settings.append(
              PollParameters(ceiling: ceiling, grow: grow, growStart: start, shrink: shrink))
          }
        }
      }
    }
    for group in stride(from: 0, to: settings.count, by: 32) {
      let some = Array(settings[group..<min(group + 32, settings.count)])
      let fast = RuleReplay.outcomes(blocks, some, rules, latency: 30_000)
      for (setting, outcome) in zip(some, fast) {
        #expect(
          outcome == RuleReplay.slowly(blocks, setting, rules, latency: 30_000), "\(setting)")
      }
    }
  }

  @Test func `takes values that no vector holds to the plain rule`() {
    let blocks = blocks(seed: 5)
    let wide = PollParameters(ceiling: .max, grow: 2, growStart: 10_000, shrink: 2)
    let usual = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
    let outcomes = RuleReplay.outcomes(blocks, [usual, wide], .newest, latency: 0)
    #expect(outcomes[0] == RuleReplay.slowly(blocks, usual, .newest, latency: 0))
    #expect(outcomes[1] == RuleReplay.slowly(blocks, wide, .newest, latency: 0))
    #expect(outcomes[1].successful > outcomes[0].successful)
  }
}
