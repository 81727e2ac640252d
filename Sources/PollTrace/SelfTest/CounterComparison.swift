/// What a trace shows of some halts, compared with what KVM itself counted of the same ones.
package struct CounterComparison: Hashable, Sendable {
  /// One of KVM's statistics.
  package struct Line: Hashable, Sendable {
    /// KVM's name of it, or how it is computed from such.
    package var name: String
    /// Times are in ns.
    package var rebuilt: UInt64
    package var counted: UInt64
    /// What `rebuilt` may be.
    package var allowed: ClosedRange<UInt64>
    /// Whether it is measured from the times of events; else it is counted, and right to the unit.
    package var isMeasured: Bool

    package var agrees: Bool { allowed.contains(rebuilt) }
  }

  package private(set) var lines: [Line] = []

  /// Compares what was `rebuilt` with what was `counted`, of halts of which `slept` did not end in the
  /// poll, on a kernel with `rules`.
  ///
  /// What KVM does not count, as before 5.14 how long halts slept, is not compared.
  package init(
    _ rebuilt: KernelCounters, slept: UInt64, _ counted: HaltCounters, _ rules: PollRules
  ) {
    exactly("halt_attempted_poll", rebuilt.attemptedPolls, counted[.attemptedPolls])
    exactly("halt_poll_invalid", rebuilt.invalidPolls, counted[.invalidPolls])
    guard rules.lateWakeupIsSuccess else {
      addSuccesses(rebuilt, counted)
      return
    }
    exactly("halt_successful_poll", rebuilt.successfulPolls, counted[.successfulPolls])
    exactly("halt_wait_hist, all buckets", slept, counted[.waits]?.total)
    exactly(
      "halt_poll_fail_ns + halt_wait_ns",
      rebuilt.failedPollTime.rawValue.plus(rebuilt.waitTime.rawValue),
      counted[.failedPollTime].flatMap { failed in counted[.waitTime].map { failed.plus($0) } })
    addTimes(rebuilt, counted)
  }

  /// What differs.
  package var differences: [Line] { lines.filter { !$0.agrees } }

  private mutating func exactly(_ name: String, _ rebuilt: UInt64, _ counted: UInt64?) {
    guard let counted else { return }
    lines.append(
      Line(
        name: name, rebuilt: rebuilt, counted: counted, allowed: counted...counted,
        isMeasured: false))
  }

  /// Before 5.17 KVM does not count a wake-up between the poll's end and `schedule()` as a success,
  /// and the trace shows it as one; the first two readings of its clock may make one of the other kind.
  private mutating func addSuccesses(_ rebuilt: KernelCounters, _ counted: HaltCounters) {
    guard let successes = counted[.successfulPolls] else { return }
    let least = successes - min(successes, 2)
    lines.append(
      Line(
        name: "halt_successful_poll", rebuilt: rebuilt.successfulPolls, counted: successes,
        allowed: least...max(least, rebuilt.attemptedPolls), isMeasured: false))
  }

  /// Times in polls: no event shows where a failed poll ended, only the switch behind it, and KVM
  /// reads its clock a turn of the poll's loop (130 to 260 ns) before the time that it traces.
  private mutating func addTimes(_ rebuilt: KernelCounters, _ counted: HaltCounters) {
    nearly(
      "halt_poll_success_ns", rebuilt.successfulPollTime.rawValue, counted[.successfulPollTime],
      share: 1_000, slack: 20_000)
    let failed = rebuilt.attemptedPolls - min(rebuilt.attemptedPolls, rebuilt.successfulPolls)
    nearly(
      "halt_poll_fail_ns", rebuilt.failedPollTime.rawValue, counted[.failedPollTime],
      share: 20, slack: failed.times(260))
  }

  /// Allows a `share`th, or `slack` ns where that is more.
  private mutating func nearly(
    _ name: String, _ rebuilt: UInt64, _ counted: UInt64?, share: UInt64, slack: UInt64
  ) {
    guard let counted else { return }
    let distance = max(counted / share, slack)
    lines.append(
      Line(
        name: name, rebuilt: rebuilt, counted: counted,
        allowed: (counted - min(counted, distance))...counted.plus(distance), isMeasured: true))
  }
}
