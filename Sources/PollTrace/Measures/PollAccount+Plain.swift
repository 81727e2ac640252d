extension PollAccount {
  /// Sums over halts of which the scheduler's events tell nothing: kept beside a loop over them.
  struct PlainSums {
    fileprivate var attempted: UInt64 = 0
    fileprivate var successful: UInt64 = 0
    fileprivate var successTime: UInt64 = 0
    fileprivate var waitTime: UInt64 = 0
    fileprivate var unmeasured = UnmeasuredPolls.Sums()
  }

  /// Counts a halt of `block` ns of which the scheduler's events tell nothing, and which began with
  /// a window of `window` ns: in the histograms, and in `sums`.
  @inline(__always)
  mutating func add(
    _ block: Nanoseconds, slept: Bool, window: UInt32, rules: PollRules, _ sums: inout PlainSums
  ) {
    let isOpen: UInt64 = window == 0 ? 0 : 1
    sums.attempted &+= isOpen
    if slept {
      if isOpen == 0 {
        sums.waitTime &+= block.rawValue
        counters.waitHistogram.add(block)
      } else {
        unmeasuredPolls.add(block: block, window: Nanoseconds(UInt64(window)), &sums.unmeasured)
      }
    } else if isOpen != 0 {
      let isInTime = rules.lateWakeupIsSuccess || block.rawValue <= UInt64(window)
      sums.successful &+= isInTime ? 1 : 0
      let poll = Self.successfulPoll(block, window: Nanoseconds(UInt64(window)))
      sums.successTime &+= poll.rawValue
      counters.successfulPollHistogram.add(poll)
    }
  }

  /// Adds what `add` put into `sums`.
  mutating func add(_ sums: PlainSums) {
    counters.attemptedPolls += sums.attempted
    counters.successfulPolls += sums.successful
    counters.successfulPollTime += Nanoseconds(sums.successTime)
    counters.waitTime += Nanoseconds(sums.waitTime)
    unmeasuredPolls.add(sums.unmeasured)
  }
}
