package import PollTrace
internal import PollTraceReplay

/// What a guest's kernel counts of its idle CPUs, a CPU: entries and time of polls and of halts.
///
/// linux drivers/cpuidle: state 0 of the driver haltpoll is the poll (`poll_idle()`), state 1 the halt. The governor
/// halts at once where a CPU's limit is 0, else it polls, and halts where the poll ran out
/// (`haltpoll_select()`, drivers/cpuidle/governors/haltpoll.c).
package struct CPUIdleCounts: Hashable, Sendable {
  package var polls: UInt64
  /// In µs.
  package var pollTime: UInt64
  package var halts: UInt64

  package init(polls: UInt64, pollTime: UInt64, halts: UInt64) {
    (self.polls, self.pollTime, self.halts) = (polls, pollTime, halts)
  }
}

extension BlockMeasure {
  /// What the kernel counted between two looks at each CPU, halts taken to be as late as a replay assumes them to be.
  ///
  /// Whether a halt came behind a poll is not counted: so many polls are known to have met their event as there were
  /// more polls than halts.
  package init(
    from before: [CPU: CPUIdleCounts], to after: [CPU: CPUIdleCounts], length: Nanoseconds
  ) {
    self.init(length: length, cpus: after.count)
    (hitsAreExact, latencyIsMeasured) = (false, false)
    for (cpu, now) in after {
      guard let then = before[cpu], now.polls >= then.polls, now.halts >= then.halts,
        now.pollTime >= then.pollTime
      else { continue }
      let polls = Int64(clamping: now.polls - then.polls)
      let halts = Int64(clamping: now.halts - then.halts)
      var part = PollOutcome()
      part.halts = max(polls, halts)
      part.attempted = polls
      part.successful = max(0, polls - halts)
      // Of which kind a poll was is not told: all of their time counts as one.
      part.failTime = Int64(clamping: (now.pollTime - then.pollTime).times(1_000))
      part.latency = halts.times(GuestCPURecord.assumedLatency)
      outcome += part
    }
  }

  /// Whether the guest polls although the setting lets it not: a CPU's limit stays until one of its polls runs out, and
  /// then shrinks, so that a guest whose polls all meet their events goes on with that of the setting before
  /// (`adjust_poll_limit()` is called after halts only).
  package func pollsStill(under ceiling: UInt32) -> Bool {
    ceiling == 0 && Self.isMore(UInt64(clamping: outcome.attempted), ofIdles: outcome.halts)
  }

  /// Whether so many of the idle times in a block are more than those under a limit that was just closing.
  static func isMore(_ strays: UInt64, ofIdles idles: Int64) -> Bool {
    Double(strays) > 0.02 * Double(idles)
  }
}
