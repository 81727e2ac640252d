import Fixtures
import Testing

@testable import PollTrace

/// The kernel's defaults on x86 from 6.11 on.
private let defaults = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)

private func window(
  after blocks: [UInt64], from length: UInt32 = 0, _ parameters: PollParameters = defaults,
  _ rules: PollRules = .newest
) -> UInt32 {
  var window = PollWindow(length: length)
  for block in blocks {
    window.enter(ceiling: parameters.ceiling, rules: rules)
    _ = window.leave(after: block, parameters: parameters, rules: rules)
  }
  return window.length
}

@Suite struct `A poll window` {
  @Test(
    arguments: [
      (blocks: [5_000], ends: 10_000),
      (blocks: [5_000, 15_000], ends: 20_000),
      (blocks: [5_000, 15_000, 25_000, 45_000, 85_000], ends: 160_000),
      (blocks: [5_000, 15_000, 25_000, 45_000, 85_000, 170_000], ends: 320_000),
      (blocks: [5_000, 300_000], ends: 0),
      (blocks: [5_000, 15_000, 25_000, 300_000], ends: 20_000),
      (blocks: [300_000], ends: 0),
    ] as [([UInt64], UInt32)])
  func `moves as the newest kernels move it`(blocks: [UInt64], ends: UInt32) {
    #expect(window(after: blocks) == ends)
  }

  @Test func `is cut at the ceiling only when the next halt begins, from 6.1 on`() {
    var window = PollWindow(length: 160_000)
    #expect(
      window.leave(after: 180_000, parameters: defaults, rules: .linux6_1)
        == .moved(.grow, old: 160_000, new: 320_000))
    window.enter(ceiling: 200_000, rules: .linux6_1)
    #expect(window.length == 200_000)
  }

  @Test func `is cut at the ceiling while it grows, before 6.1`() {
    #expect(window(after: [180_000], from: 160_000, defaults, .linux5_17) == 200_000)
  }

  @Test func `stays when a ceiling is lowered below it, before 6.1`() {
    let low = PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2)
    #expect(window(after: [40_000], from: 160_000, low, .linux5_17) == 160_000)
    #expect(window(after: [40_000], from: 160_000, low, .linux6_1) == 50_000)
  }

  @Test(
    arguments: [
      (block: 20_000, change: PollWindow.Change.none),
      (block: 20_001, change: .moved(.grow, old: 20_000, new: 40_000)),
      (block: 199_999, change: .moved(.grow, old: 20_000, new: 40_000)),
      (block: 200_000, change: .none),
      (block: 200_001, change: .moved(.shrink, old: 20_000, new: 10_000)),
      (block: 0, change: .none),
    ] as [(UInt64, PollWindow.Change)])
  func `changes at the very boundaries`(block: UInt64, change: PollWindow.Change) {
    for rules in PollRules.all where rules.growth == .fromGrowStart {
      var window = PollWindow(length: 20_000)
      #expect(window.leave(after: block, parameters: defaults, rules: rules) == change)
    }
  }

  @Test func `that is closed stays closed after a long halt, and says nothing`() {
    var window = PollWindow()
    #expect(window.leave(after: 200_001, parameters: defaults, rules: .newest) == .none)
    #expect(window.length == 0)
  }

  @Test func `closes without a trace when the ceiling is 0`() {
    for rules in PollRules.all {
      var window = PollWindow(length: 40_000)
      let off = PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2)
      #expect(window.leave(after: 50_000, parameters: off, rules: rules) == .none)
      #expect(window.length == 0)
    }
  }

  @Test(
    arguments: [
      (rules: PollRules.linux4_3, old: 0, new: 0), (rules: .linux4_7, old: 40_000, new: 0),
      (rules: .linux5_1, old: 40_000, new: 40_000), (rules: .newest, old: 0, new: 0),
    ] as [(PollRules, UInt32, UInt32)])
  func `with grow 0 is traced as grown all the same`(rules: PollRules, old: UInt32, new: UInt32) {
    let never = PollParameters(ceiling: 200_000, grow: 0, growStart: 10_000, shrink: 2)
    var window = PollWindow(length: old)
    #expect(
      window.leave(after: 50_000, parameters: never, rules: rules)
        == .moved(.grow, old: old, new: new))
  }

  @Test func `with grow 1 opens and stays`() {
    let one = PollParameters(ceiling: 200_000, grow: 1, growStart: 10_000, shrink: 2)
    for rules in PollRules.all {
      #expect(window(after: [50_000, 50_000, 50_000], one, rules) == 10_000)
    }
  }

  @Test func `with grow start 0 never opens, from 5.1 on`() {
    let zero = PollParameters(ceiling: 200_000, grow: 2, growStart: 0, shrink: 2)
    #expect(window(after: [50_000, 50_000], zero, .newest) == 0)
    #expect(window(after: [50_000, 50_000], zero, .linux4_7) == 20_000)
  }

  @Test func `with grow start above the ceiling jumps to the ceiling`() {
    let high = PollParameters(ceiling: 200_000, grow: 2, growStart: 500_000, shrink: 2)
    #expect(window(after: [50_000], high, .linux5_17) == 200_000)
    #expect(window(after: [50_000], high, .newest) == 500_000)
  }

  @Test func `with shrink 1 never shrinks, and with shrink 0 closes at once`() {
    let one = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 1)
    let zero = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 0)
    for rules in PollRules.all {
      #expect(window(after: [300_000], from: 160_000, one, rules) == 160_000)
      #expect(window(after: [300_000], from: 160_000, zero, rules) == 0)
    }
  }

  @Test func `closes when shrunk below grow start, from 5.15 on`() {
    #expect(window(after: [300_000], from: 15_000, defaults, .linux5_15) == 0)
    #expect(window(after: [300_000], from: 15_000, defaults, .linux5_8) == 7_500)
    #expect(window(after: [300_000], from: 15_000, defaults, .linux5_4Stable) == 0)
  }

  @Test func `shrinks after a wake-up for somebody else, from 4.7 on`() {
    var window = PollWindow(length: 40_000)
    #expect(
      window.leave(after: 5, isValid: false, parameters: defaults, rules: .linux4_7)
        == .moved(.shrink, old: 40_000, new: 20_000))
    var older = PollWindow(length: 40_000)
    #expect(older.leave(after: 5, isValid: false, parameters: defaults, rules: .linux4_3) == .none)
  }

  @Test func `shrinks from 0 to 0 after a wake-up for somebody else, traced`() {
    var window = PollWindow()
    #expect(
      window.leave(after: 5, isValid: false, parameters: defaults, rules: .newest)
        == .moved(.shrink, old: 0, new: 0))
  }

  @Test func `wraps at 32 bits as the kernel's does`() {
    let absurd = PollParameters(ceiling: .max, grow: 2, growStart: 10_000, shrink: 2)
    #expect(window(after: [3_500_000_000], from: 3_000_000_000, absurd, .newest) == 1_705_032_704)
  }

  @Test(arguments: UInt64(0)..<20)
  func `is zero or at least grow start from 5.15 on, whatever comes`(seed: UInt64) {
    var random = Randomness(seed: seed)
    var window = PollWindow()
    for _ in 0..<2_000 {
      window.enter(ceiling: defaults.ceiling, rules: .newest)
      _ = window.leave(
        after: UInt64.random(in: 0...400_000, using: &random), parameters: defaults, rules: .newest)
      #expect(window.length == 0 || window.length >= defaults.growStart)
    }
  }
}

@Suite struct `The rules of a kernel` {
  @Test(arguments: [
    ("6.1.0-13-amd64", "6.1"), ("6.18.44", "6.11"), ("7.2-rc3", "6.11"), ("6.10.9", "6.1"),
    ("5.10.0-33-amd64", "5.8"), ("5.10.226", "5.15"), ("5.4.100", "5.4"), ("5.4.200", "5.4-stable"),
    ("5.14.0-427.el9.x86_64", "5.8"), ("5.15", "5.15"), ("5.19.1", "5.17"), ("6.0", "5.17"),
    ("4.4.121", "4.3"), ("4.11.12", "4.7"), ("4.12", "4.12"), ("4.19.200", "4.12"), ("5.0", "4.12"),
    ("5.3", "5.1"),
  ])
  func `follow from its release`(release: String, name: String) {
    #expect(PollRules.of(release: release)?.name == name)
  }

  @Test(arguments: ["", "linux", "4.2", "3.10.0-1160", "6"])
  func `are not guessed`(release: String) {
    #expect(PollRules.of(release: release) == nil)
  }

  /// b401ee0b85a5, in 4.12; 400,000 in 4.4.121 and 4.9.45, 200,000 in 4.19 and later.
  @Test(
    arguments: [
      ("4.4.121", 400_000), ("4.9.45", 400_000), ("4.11", 400_000), ("4.12", 200_000),
      ("4.19", 200_000), ("6.18", 200_000),
    ] as [(String, UInt32)])
  func `have x86's default ceiling of their time`(release: String, ceiling: UInt32) {
    for arch in ["x86_64", nil] {
      #expect(PollRules.of(release: release)?.defaults(arch: arch).ceiling == ceiling)
    }
  }

  @Test func `have the architecture's default ceiling`() {
    #expect(PollRules.newest.defaults(arch: "x86_64").ceiling == 200_000)
    #expect(PollRules.newest.defaults(arch: "aarch64").ceiling == 500_000)
    #expect(PollRules.linux4_3.defaults(arch: "aarch64").ceiling == 500_000)
    #expect(PollRules.linux6_1.defaults(arch: nil).shrink == 0)
    #expect(PollRules.linux6_11.defaults(arch: nil).shrink == 2)
  }
}
