/// KVM's own statistics of one vCPU, rebuilt from the trace: same names, units and buckets.
///
/// linux virt/kvm/kvm_main.c `update_halt_poll_stats()` and include/linux/kvm_host.h
/// `KVM_GENERIC_VCPU_STATS`.
package struct KernelCounters: Hashable, Sendable {
  /// Halts that began with a poll.
  package var attemptedPolls: UInt64 = 0
  /// Polls in which the wake-up came.
  package var successfulPolls: UInt64 = 0
  /// Polls that ended with a wake-up for somebody else (s390).
  package var invalidPolls: UInt64 = 0
  /// Time in successful polls, in failed ones, and asleep after polling.
  package var successfulPollTime = Nanoseconds.zero
  package var failedPollTime = Nanoseconds.zero
  package var waitTime = Nanoseconds.zero
  package var successfulPollHistogram = LogHistogram()
  package var failedPollHistogram = LogHistogram()
  package var waitHistogram = LogHistogram()

  package init() {}

  /// Counts what a halt of `block` ns waited after it had polled in vain for `poll` ns, no longer
  /// than that.
  mutating func addFailedPoll(lasting poll: Nanoseconds, of block: Nanoseconds) {
    failedPollTime += poll
    failedPollHistogram.add(poll)
    waitTime += block - poll
    waitHistogram.add(block - poll)
  }

  /// Adds the counts of another vCPU.
  package mutating func merge(_ other: KernelCounters) {
    attemptedPolls.add(other.attemptedPolls)
    successfulPolls.add(other.successfulPolls)
    invalidPolls.add(other.invalidPolls)
    successfulPollTime += other.successfulPollTime
    failedPollTime += other.failedPollTime
    waitTime += other.waitTime
    successfulPollHistogram.merge(other.successfulPollHistogram)
    failedPollHistogram.merge(other.failedPollHistogram)
    waitHistogram.merge(other.waitHistogram)
  }
}
