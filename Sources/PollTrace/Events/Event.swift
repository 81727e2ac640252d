/// One decoded thing that happened, whatever the file's format.
///
/// 32 bytes without references: readers hand events over in batches, nothing is allocated for one,
/// and a reader fills the fields without asking what kind of event it is. `kind` is the same for
/// people.
package struct Event: Hashable, Sendable {
  /// When, on the trace's clock.
  package var time: Timestamp
  /// A wake-up's block, a decision's new window and, 32 bits up, the old one; the waker of a waking,
  /// the successor of a switch, the predecessor of a switch-in, the sender of an accepted interrupt, the
  /// number of lost events.
  package var value: UInt64
  /// A decision's vCPU, an accepted interrupt's; a waking's target CPU, an interrupt's; a state of idleness.
  package var number: UInt32
  /// The thread whose halts it is about: the vCPU's for the kvm events, the woken, the one switched
  /// out, the one switched in.
  package var subject: ThreadID
  /// Where.
  package var cpu: CPU
  /// What.
  package var what: What
  /// Slept, grows, by an interrupt, sleeps; whether the count of lost events is known.
  package var flag: Bool
  /// Whether a wake-up was valid; whether a waking's context is known.
  package var isValid: Bool
  /// Makes 32 bytes of 31: those would be copied by stores that overlap, for which reads must wait.
  private var filling: UInt8 = 0

  /// The events that say something about halts.
  package enum What: UInt8, Hashable, Sendable {
    case wakeup, decision, waking, switched, lost
    /// A switch as the thread sees it that gets the CPU.
    case switchedIn
    /// Of a guest's own polling: a decision of its governor, a CPU that enters or leaves a state of
    /// idleness, an interrupt that another CPU sends.
    case guestDecision, idle, interrupted
    /// An interrupt that a vCPU's local APIC accepts: an event for the vCPU, asleep or not.
    case accepted
  }

  /// An event of these fields.
  package init(
    time: Timestamp, cpu: CPU, subject: ThreadID, what: What, value: UInt64, number: UInt32,
    flag: Bool, isValid: Bool
  ) {
    self.time = time
    self.value = value
    self.number = number
    self.subject = subject
    self.cpu = cpu
    self.what = what
    self.flag = flag
    self.isValid = isValid
  }
}

extension Event {
  /// What happened, with all that belongs to it.
  package enum Kind: Hashable, Sendable {
    /// `kvm:kvm_vcpu_wakeup`: a halt has ended. It carries no vCPU id.
    case wakeup(block: Nanoseconds, ending: Halt.Ending, isValid: Bool)
    /// `kvm:kvm_halt_poll_ns`: the window was moved, just before the wake-up of the same thread.
    case decision(Decision)
    /// `sched:sched_waking`: `woken` is about to become runnable, by way of `context`.
    case waking(woken: ThreadID, target: CPU, context: WakingContext)
    /// `sched:sched_switch`: the CPU passes from the event's thread to `next`.
    case switched(next: ThreadID, stillRunnable: Bool)
    /// The same, about `thread`, to which it passes.
    case switchedIn(thread: ThreadID, previousIsRunnable: Bool)
    /// The ring buffer dropped events on this CPU before this point; the count where it is known.
    case lost(count: UInt64?)
    /// `power:guest_halt_poll_ns`: the guest's governor has decided on the CPU's limit.
    case guestDecision(GuestDecision)
    /// `power:cpu_idle`: the CPU enters a state, 0 to poll.
    case idleEntered(state: UInt32)
    /// The same on the way out, with a task to run or without; nil where the trace does not say.
    case idleLeft(hasWork: Bool?)
    /// `ipi:ipi_send_cpu`: an interrupt is sent to `target`.
    case interrupted(target: CPU)
    /// `kvm:kvm_apic_accept_irq`: a vCPU's local APIC accepts an interrupt, while `sender` is running.
    case accepted(sender: ThreadID, vcpu: UInt32)
  }

  /// The state that `cpu_idle` has for the way out (PWR_EVENT_EXIT, linux include/trace/events/power.h).
  static let idleExit = UInt32.max

  /// An event of `kind` while `thread` (`common_pid`) was running: the vCPU's thread for the kvm
  /// events, the waker for a waking, the one switched out for a switch.
  package init(time: Timestamp, cpu: CPU, thread: ThreadID, kind: Kind) {
    self.init(
      time: time, cpu: cpu, subject: thread, what: .lost, value: 0, number: 0, flag: false,
      isValid: true)
    switch kind {
    case .wakeup(let block, let ending, let isValid):
      what = .wakeup
      value = block.rawValue
      flag = ending == .slept
      self.isValid = isValid
    case .decision(let decision):
      what = .decision
      value = UInt64(decision.new) | UInt64(decision.old) << 32
      number = decision.vcpu
      flag = decision.move == .grow
    case .waking(let woken, let target, let context):
      what = .waking
      value = UInt64(UInt32(bitPattern: thread.rawValue))
      subject = woken
      number = target.rawValue
      flag = context == .interrupt
      isValid = context != .unknown
    case .switched(let next, let stillRunnable):
      what = .switched
      value = UInt64(UInt32(bitPattern: next.rawValue))
      flag = !stillRunnable
    case .switchedIn(let next, let previousIsRunnable):
      what = .switchedIn
      value = UInt64(UInt32(bitPattern: thread.rawValue))
      subject = next
      flag = !previousIsRunnable
    case .lost(let count):
      value = count ?? 0
      flag = count != nil
    case .guestDecision(let decision):
      what = .guestDecision
      value = UInt64(decision.new) | UInt64(decision.old) << 32
      flag = decision.move == .grow
      subject = .idle
    case .idleEntered(let state):
      (what, number, subject) = (.idle, state, .idle)
    case .idleLeft(let hasWork):
      (what, number, subject) = (.idle, Self.idleExit, .idle)
      (flag, self.isValid) = (hasWork ?? false, hasWork != nil)
    case .interrupted(let target):
      (what, number, subject) = (.interrupted, target.rawValue, .idle)
    case .accepted(let sender, let vcpu):
      (what, number, subject) = (.accepted, vcpu, .idle)
      value = UInt64(UInt32(bitPattern: sender.rawValue))
    }
  }

  /// The task that was running (`common_pid`).
  package var thread: ThreadID {
    what == .waking || what == .switchedIn || what == .accepted ? other : subject
  }

  /// What happened.
  package var kind: Kind {
    switch what {
    case .wakeup: .wakeup(block: block, ending: ending, isValid: isValid)
    case .decision: .decision(decision)
    case .waking: .waking(woken: subject, target: CPU(number), context: context)
    case .switched: .switched(next: other, stillRunnable: !flag)
    case .switchedIn: .switchedIn(thread: subject, previousIsRunnable: !flag)
    case .lost: .lost(count: flag ? value : nil)
    case .guestDecision: .guestDecision(guestDecision)
    case .idle:
      number == Self.idleExit
        ? .idleLeft(hasWork: isValid ? flag : nil) : .idleEntered(state: number)
    case .interrupted: .interrupted(target: CPU(number))
    case .accepted: .accepted(sender: other, vcpu: number)
    }
  }

  /// How long the halt of a wake-up lasted, and how it ended.
  var block: Nanoseconds { Nanoseconds(value) }
  var ending: Halt.Ending { flag ? .slept : .polled }

  /// The decision.
  var decision: Decision {
    Decision(
      flag ? .grow : .shrink, vcpu: number, old: UInt32(truncatingIfNeeded: value >> 32),
      new: UInt32(truncatingIfNeeded: value))
  }

  var guestDecision: GuestDecision {
    GuestDecision(
      flag ? .grow : .shrink, old: UInt32(truncatingIfNeeded: value >> 32),
      new: UInt32(truncatingIfNeeded: value))
  }

  /// Whether it is about a guest's own polling, or about events that are missing.
  package var isGuests: Bool {
    what == .idle || what == .guestDecision || what == .interrupted || what == .lost
  }

  /// A switch as the thread sees it that gets the CPU.
  @inline(__always)
  var asSwitchedIn: Event {
    var event = self
    (event.what, event.subject) = (.switchedIn, other)
    event.value = UInt64(UInt32(bitPattern: subject.rawValue))
    return event
  }

  /// The waker of a waking and its context; the successor of a switch; the predecessor of a switch-in; the
  /// sender of an accepted interrupt.
  var other: ThreadID { ThreadID(Int32(truncatingIfNeeded: value)) }
  var context: WakingContext { !isValid ? .unknown : flag ? .interrupt : .task }
}

/// In what context a waking was done (bits 3 and 4 of the event's `common_flags`:
/// `TRACE_FLAG_HARDIRQ` 0x08, `TRACE_FLAG_SOFTIRQ` 0x10, linux include/linux/trace_events.h).
package enum WakingContext: UInt8, Hashable, Sendable {
  /// By the running task itself.
  case task
  /// By an interrupt (hard or soft) that interrupted the running task.
  case interrupt
  /// The trace does not say: a text without flags.
  case unknown
}
