import Testing

@testable import PollTrace

/// What the decisions of one VM say, made after halts of `block` ns under a parameter.
private struct Decided {
  var evidence = RuleEvidence()
  private let effective: EffectiveParameters

  init(under ceiling: UInt32) {
    effective = EffectiveParameters(
      rules: .linux6_11,
      parameters: PollParameters(ceiling: ceiling, grow: 2, growStart: 10_000, shrink: 2))
  }

  /// `left` is the window that the decision before left.
  mutating func add(
    _ move: Decision.Move, _ old: UInt32, _ new: UInt32, block: UInt64, left: UInt32? = nil
  ) {
    let halt = Halt(
      woke: Timestamp(1_000_000_000), block: Nanoseconds(block), ending: .slept,
      decision: Decision(move, vcpu: 0, old: old, new: new))
    evidence.add(
      WindowedHalt(halt, window: old, left: new, previous: left, effective: effective))
  }

  func ceiling(_ parameter: UInt32, refused: UInt64 = 0) -> CeilingInference {
    CeilingInference(evidence, parameter: parameter, refused: refused, decisions: 1)
  }
}

@Suite struct `A VM's ceiling` {
  /// Grows after 150 µs, shrinks a window of 160 µs after 230 µs: 160 to 229.999 µs.
  private func between(under parameter: UInt32) -> CeilingInference {
    var decided = Decided(under: parameter)
    decided.add(.grow, 0, 10_000, block: 60_000)
    decided.add(.grow, 80_000, 160_000, block: 150_000)
    decided.add(.shrink, 160_000, 80_000, block: 230_000)
    return decided.ceiling(parameter)
  }

  @Test func `lies between the widest window and the shortest halt that shrank one`() {
    let found = between(under: 200_000)
    #expect((found.atLeast, found.atMost) == (160_000, 229_999))
    #expect(found.allows)
    #expect(found.own == nil)
  }

  @Test func `is longer than a halt after which a window grew`() {
    var decided = Decided(under: 200_000)
    decided.add(.grow, 20_000, 40_000, block: 170_000)
    #expect(decided.ceiling(200_000).atLeast == 170_001)
    #expect(decided.ceiling(200_000).atMost == .max)
  }

  @Test func `is its own where the parameter lies outside, and round`() {
    let found = between(under: 100_000)
    #expect(!found.allows)
    #expect(found.own == 200_000)
  }

  @Test func `is not told from one decision, but where many halts moved nothing`() {
    var decided = Decided(under: 200_000)
    decided.add(.grow, 20_000, 40_000, block: 250_000)
    #expect(decided.ceiling(200_000, refused: 9).own == nil)
    #expect(decided.ceiling(200_000, refused: 9).allows)
    // Nothing bounds it from above: the roundest up to four times the least.
    #expect(decided.ceiling(200_000, refused: 10).own == 1_000_000)
  }

  @Test func `is what windows are cut to, where that came twice`() {
    var decided = Decided(under: 200_000)
    decided.add(.shrink, 50_000, 25_000, block: 100_000, left: 80_000)
    #expect(decided.ceiling(200_000).own == nil)
    decided.add(.shrink, 50_000, 25_000, block: 120_000, left: 80_000)
    let found = decided.ceiling(200_000)
    #expect((found.atLeast, found.atMost, found.own) == (50_000, 50_000, 50_000))
  }

  @Test func `is none where decisions contradict each other`() {
    var decided = Decided(under: 200_000)
    for _ in 0..<2 { decided.add(.grow, 20_000, 40_000, block: 300_000) }
    decided.add(.shrink, 40_000, 20_000, block: 250_000)
    let found = decided.ceiling(200_000)
    #expect((found.atLeast, found.atMost) == (300_001, 249_999))
    #expect(!found.allows)
    #expect(found.own == nil)
  }

  @Test(
    arguments: [(200_000, 5, 0), (200_000, 0, nil), (0, 5, nil)] as [(UInt32, UInt64, UInt32?)])
  func `is 0 without decisions where some were due`(
    parameter: UInt32, refused: UInt64, own: UInt32?
  ) {
    let found = CeilingInference(
      RuleEvidence(), parameter: parameter, refused: refused, decisions: 0)
    #expect(found.own == own)
    #expect(!found.hasDecisions)
  }

  @Test func `is one for several VMs where all of them can have it`() {
    let one = between(under: 100_000)
    var decided = Decided(under: 100_000)
    decided.add(.grow, 100_000, 200_000, block: 210_000)
    decided.add(.shrink, 120_000, 60_000, block: 250_000)
    let other = decided.ceiling(100_000)
    #expect((other.atLeast, other.atMost) == (210_001, 249_999))
    // 220 µs is the roundest from 210.001 to 229.999.
    #expect(CeilingInference.common(to: [one, other]) == 220_000)
    #expect(CeilingInference.common(to: [one, between(under: 200_000)]) == nil)
    var apart = Decided(under: 100_000)
    apart.add(.grow, 100_000, 200_000, block: 400_000)
    apart.add(.shrink, 120_000, 60_000, block: 500_000)
    #expect(CeilingInference.common(to: [one, apart.ceiling(100_000)]) == nil)
  }

  @Test(
    arguments: [
      (160_000, 229_999, 200_000), (100_001, 149_999, 110_000), (140_000, 160_000, 150_000),
      (123_457, 123_460, 123_460), (7, 7, 7), (300_001, 4_000_000_000, 1_000_000_000),
    ] as [(UInt32, UInt32, UInt32)])
  func `is the number of the fewest digits`(low: UInt32, high: UInt32, round: UInt32) {
    #expect(CeilingInference.roundest(low, high) == round)
  }
}
