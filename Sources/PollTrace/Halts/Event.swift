/// One decoded thing that happened, whatever the file's format.
///
/// A value of fixed size without references: readers hand events over in batches, and nothing is
/// allocated for one.
package struct Event: Hashable, Sendable {
  /// When, on the trace's clock.
  package var time: Timestamp
  /// The task that was running (`common_pid`): the vCPU's thread for the kvm events, the waker for
  /// a waking, the one switched out for a switch.
  package var thread: ThreadID
  /// Where.
  package var cpu: CPU
  /// What.
  package var kind: Kind

  package init(time: Timestamp, cpu: CPU, thread: ThreadID, kind: Kind) {
    self.time = time
    self.cpu = cpu
    self.thread = thread
    self.kind = kind
  }

  package enum Kind: Hashable, Sendable {
    /// `kvm:kvm_vcpu_wakeup`: a halt has ended. It carries no vCPU id.
    case wakeup(block: Nanoseconds, ending: Halt.Ending, isValid: Bool)
    /// `kvm:kvm_halt_poll_ns`: the window was moved, just before the wake-up of the same thread.
    case decision(Decision)
    /// `sched:sched_waking`: `woken` is about to become runnable, by way of `context`.
    case waking(woken: ThreadID, target: CPU, context: WakingContext)
    /// `sched:sched_switch`: the CPU passes from the event's thread to `next`.
    case switched(next: ThreadID, stillRunnable: Bool)
    /// The ring buffer dropped events on this CPU before this point; the count where it is known.
    case lost(count: UInt64?)
  }
}

/// In what context a waking was done (bits 3 and 4 of the event's `common_flags`:
/// `TRACE_FLAG_HARDIRQ` 0x08, `TRACE_FLAG_SOFTIRQ` 0x10, linux include/linux/trace_events.h).
package enum WakingContext: UInt8, Hashable, Sendable {
  /// By the running task itself.
  case task
  /// By an interrupt (hard or soft) that interrupted the running task.
  case interrupt
}
