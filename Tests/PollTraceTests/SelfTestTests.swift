import Testing

@testable import PollTrace

@Suite struct `A self-test` {
  /// Counters of a vCPU that polled 300 times, 200 of them successfully, and slept 110 times.
  private static let rebuilt: KernelCounters = {
    var counters = KernelCounters()
    (counters.attemptedPolls, counters.successfulPolls) = (300, 200)
    (counters.successfulPollTime, counters.failedPollTime) = (9_000_000, 4_000_000)
    counters.waitTime = 70_000_000
    return counters
  }()

  private static let counted: HaltCounters = {
    var counters = HaltCounters()
    for (count, value) in [
      (.attemptedPolls, 300), (.successfulPolls, 200), (.invalidPolls, 0),
      (.successfulPollTime, 9_000_000), (.failedPollTime, 4_000_000), (.waitTime, 70_000_000),
    ] as [(HaltCounters.Count, UInt64)] { counters[count] = value }
    counters[.waits] = LogHistogram()
    counters[.waits]?.add(500_000, times: 110)
    return counters
  }()

  private static func comparison(
    _ rules: PollRules = .newest, slept: UInt64 = 110, _ change: (inout KernelCounters) -> Void
  ) -> CounterComparison {
    var rebuilt = rebuilt
    change(&rebuilt)
    return CounterComparison(rebuilt, slept: slept, counted, rules)
  }

  private static func outcome(
    _ comparison: CounterComparison = comparison { _ in }, rules: PollRules = .newest,
    limit: UInt32? = nil, lost: UInt64 = 0, polls: UInt64 = 300, missing: [UInt32] = [],
    _ change: (inout Fidelity) -> Void = { _ in }
  ) -> SelfTest.Outcome {
    var fidelity = Fidelity()
    (fidelity.recorded, fidelity.reproduced) = (polls, polls)
    change(&fidelity)
    return SelfTest.Outcome(
      load: SelfTest.Load(title: "load", options: []), rules: rules, limit: limit, halts: 310,
      polls: polls, fidelity: fidelity, lost: lost,
      vcpus: [SelfTest.VCPU(id: 0, counters: comparison)], missing: missing)
  }

  private static func verdict(_ outcomes: SelfTest.Outcome...) -> SelfTest.Verdict {
    SelfTest(kernel: "6.18.1", outcomes: outcomes).verdict
  }

  @Test func `finds no difference between equal counts`() {
    let same = Self.comparison { _ in }
    #expect(same.differences.isEmpty)
    #expect(same.lines.count == 7)
    #expect(Self.verdict(Self.outcome()) == .asModelled)
  }

  @Test func `takes a count that is off by one for a difference`() {
    #expect(
      Self.comparison { $0.attemptedPolls += 1 }.differences.map(\.name) == ["halt_attempted_poll"])
    #expect(
      Self.comparison { $0.successfulPolls -= 1 }.differences.map(\.name)
        == ["halt_successful_poll"])
    #expect(
      Self.comparison(slept: 109) { _ in }.differences.map(\.name) == [
        "halt_wait_hist, all buckets"
      ])
    #expect(
      Self.comparison { $0.waitTime += 1 }.differences.map(\.name)
        == ["halt_poll_fail_ns + halt_wait_ns"])
    #expect(Self.verdict(Self.outcome(Self.comparison { $0.invalidPolls = 1 })) == .differs)
  }

  @Test func `allows measured times what cannot be measured`() {
    let near = Self.comparison {
      ($0.successfulPollTime, $0.failedPollTime, $0.waitTime) = (9_015_000, 4_150_000, 69_850_000)
    }
    #expect(near.differences.isEmpty)
    let far = Self.comparison {
      ($0.successfulPollTime, $0.failedPollTime, $0.waitTime) = (9_025_000, 4_250_000, 69_750_000)
    }
    #expect(far.differences.map(\.name) == ["halt_poll_success_ns", "halt_poll_fail_ns"])
    #expect(Self.verdict(Self.outcome(far)) == .timesDiffer)
    #expect(Self.outcome(far).isWorthRepeating)
    #expect(!Self.outcome(Self.comparison { $0.attemptedPolls += 1 }).isWorthRepeating)
  }

  @Test func `compares before 5.17 what KVM counted then`() {
    let late = Self.comparison(.linux5_15) { $0.successfulPolls += 40 }
    #expect(late.differences.isEmpty)
    #expect(
      Self.comparison(.linux5_15) { $0.successfulPolls -= 3 }.differences.map(\.name)
        == ["halt_successful_poll"])
  }

  @Test func `says that the kernel differs where a grow or shrink does`() {
    #expect(Self.verdict(Self.outcome { $0.reproduced -= 1 }) == .differs)
    #expect(Self.verdict(Self.outcome { $0.contradicted = 1 }) == .differs)
    #expect(Self.verdict(Self.outcome { $0.refused = 1 }) == .differs)
    #expect(Self.verdict(Self.outcome(limit: 5_000)) == .differs)
    #expect(Self.verdict(Self.outcome(missing: [1])) == .differs)
  }

  @Test func `says that the kernel differs where loads show different rules`() {
    #expect(Self.verdict(Self.outcome(), Self.outcome(rules: .linux5_17)) == .differs)
    let backported = SelfTest(kernel: "5.14.0-503.el9", outcomes: [Self.outcome(rules: .linux6_1)])
    #expect(backported.verdict == .asModelled)
    #expect(backported.otherRulesByRelease == .linux5_8)
  }

  @Test func `says nothing of a kernel that hardly polled, or where events were lost`() {
    #expect(Self.verdict(Self.outcome(polls: 199)) == .tooFewPolls)
    #expect(Self.verdict() == .differs)
    #expect(Self.verdict(Self.outcome(lost: 3)) == .lost)
    #expect(Self.verdict(Self.outcome(lost: 3), Self.outcome { $0.contradicted = 1 }) == .differs)
  }
}
