/// One stop of one vCPU, from giving up the CPU to its wake-up.
package struct Halt: Hashable, Sendable {
  /// How a halt ended (`waited` of `kvm:kvm_vcpu_wakeup`), independent of `isValid`.
  package enum Ending: UInt8, Hashable, Sendable {
    /// Without giving the CPU away: the wake-up came while the vCPU polled, or before it slept.
    case polled
    /// The vCPU was scheduled out and woken.
    case slept
  }

  /// What is known of the poll that a halt began with.
  package enum Poll: Hashable, Sendable {
    /// Its length was measured: from the halt's begin until the thread was switched out.
    case measured(Nanoseconds)
    /// Not measured; at most the window and at most the block.
    case unmeasured
  }

  /// Who ended a halt, as far as `sched:sched_waking` tells.
  package enum Waker: UInt8, Hashable, Sendable {
    /// No waking was recorded for this halt, or not in what context.
    case unknown
    /// An interrupt, on whatever CPU.
    case interrupt
    /// A task running on the CPU on which the vCPU had halted: it would have ended a poll.
    case taskOnSameCPU
    /// A task running elsewhere.
    case taskElsewhere
  }

  /// The last switch to the vCPU's thread before its wake-up was traced.
  package struct Entry: Hashable, Sendable {
    /// What had the CPU before.
    package enum From: UInt8, Hashable, Sendable { case idle, sleeper, preempted }
    package var from: From
    /// From the switch to the traced wake-up.
    package var path: Nanoseconds

    package init(from: From, path: Nanoseconds) { (self.from, self.path) = (from, path) }
  }

  /// When the wake-up was traced, on the trace's clock.
  package var woke: Timestamp
  /// How long the halt lasted, polling included (`ns` of `kvm:kvm_vcpu_wakeup`, `CLOCK_MONOTONIC`).
  package var block: Nanoseconds
  /// The kernel's move of the window at the end of this halt, if it moved.
  ///
  /// It stands here so that it does not lie across 16 bytes: a copy of the halt is read at once.
  package var decision: Decision?
  /// Polled or slept.
  package var ending: Ending
  /// Whether the wake-up was for this vCPU (`valid`); false only on s390.
  package var isValid: Bool
  /// From `sched:sched_waking` to the traced wake-up, where the waking was recorded.
  package var wakeLatency: Nanoseconds?
  /// The poll's length, where `sched:sched_switch` tells.
  package var poll: Poll
  /// Who ended it.
  package var waker: Waker
  /// The task that ran after the vCPU gave its CPU away; `.idle` where nothing else was runnable,
  /// nil where no switch was recorded.
  package var successor: ThreadID?
  /// How the vCPU got a CPU again after it slept, where `sched:sched_switch` tells.
  package var entry: Entry?
  /// The CPU that it gave away; nil where that was not recorded.
  package var leftCPU: CPU?
  /// The task that woke it, or that was running where an interrupt did; nil where none was recorded.
  package var wokenBy: ThreadID?
  /// The CPU on which the wake-up was traced.
  package var cpu: CPU

  package init(
    woke: Timestamp, block: Nanoseconds, ending: Ending, isValid: Bool = true,
    decision: Decision? = nil, wakeLatency: Nanoseconds? = nil, poll: Poll = .unmeasured,
    waker: Waker = .unknown, successor: ThreadID? = nil, entry: Entry? = nil,
    leftCPU: CPU? = nil, wokenBy: ThreadID? = nil, cpu: CPU = CPU(0)
  ) {
    self.woke = woke
    self.block = block
    self.ending = ending
    self.isValid = isValid
    self.decision = decision
    self.wakeLatency = wakeLatency
    self.poll = poll
    self.waker = waker
    self.successor = successor
    self.entry = entry
    self.leftCPU = leftCPU
    self.wokenBy = wokenBy
    self.cpu = cpu
  }

  /// No halt: room for one.
  static var none: Halt { Halt(woke: Timestamp(0), block: .zero, ending: .polled) }

  /// When the vCPU gave up its CPU.
  package var began: Timestamp { woke - block }
}
