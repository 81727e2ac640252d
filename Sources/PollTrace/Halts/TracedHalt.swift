/// All that KVM's own events say of a halt: a wake-up and the decision right before it, if any.
///
/// 40 bytes without references, as a reader makes them where nothing came between the two; `Event`s
/// are the general form.
package struct TracedHalt: Lasting, Hashable, Sendable {
  /// When the wake-up was traced.
  package var woke: Timestamp
  /// How long the halt lasted.
  package var block: Nanoseconds
  /// The decision's window before and after, in ns, and the vCPU's id; 0 where there is none.
  package var old: UInt32
  package var new: UInt32
  package var vcpu: UInt32
  /// From the decision to the wake-up, in ns.
  package var lead: UInt32
  /// Where both were traced.
  package var cpu: CPU
  /// What is so or not, a byte each: those of some halts add up.
  package var marks: UInt32

  /// The vCPU was scheduled out.
  package static var slept: UInt32 { 1 }
  /// The wake-up was for this vCPU.
  package static var valid: UInt32 { 1 << 8 }
  /// There is a decision.
  package static var decided: UInt32 { 1 << 16 }
  /// It is a grow.
  package static var grows: UInt32 { 1 << 24 }

  package init(
    woke: Timestamp, block: Nanoseconds, old: UInt32, new: UInt32, vcpu: UInt32, lead: UInt32,
    cpu: CPU, marks: UInt32
  ) {
    self.woke = woke
    self.block = block
    self.old = old
    self.new = new
    self.vcpu = vcpu
    self.lead = lead
    self.cpu = cpu
    self.marks = marks
  }

  /// No halt: room for one.
  package static var none: Self {
    Self(
      woke: Timestamp(0), block: .zero, old: 0, new: 0, vcpu: 0, lead: 0, cpu: CPU(0), marks: 0)
  }

  var isDecided: Bool { marks & Self.decided != 0 }
  var grows: Bool { marks & Self.grows != 0 }
  var slept: Bool { marks & Self.slept != 0 }
  var isValid: Bool { marks & Self.valid != 0 }

  /// The decision.
  var decision: Decision? {
    isDecided ? Decision(grows ? .grow : .shrink, vcpu: vcpu, old: old, new: new) : nil
  }

  /// The same as a halt of which the scheduler's events tell nothing.
  var halt: Halt {
    Halt(
      woke: woke, block: block, ending: slept ? .slept : .polled, isValid: isValid,
      decision: decision, cpu: cpu)
  }

  /// The event of the decision, if there was one.
  package func decisionEvent(of thread: ThreadID) -> Event? {
    decision.map {
      Event(
        time: Timestamp(woke.rawValue &- UInt64(lead)), cpu: cpu, thread: thread,
        kind: .decision($0))
    }
  }

  /// The event of the wake-up.
  package func wakeupEvent(of thread: ThreadID) -> Event {
    Event(
      time: woke, cpu: cpu, thread: thread,
      kind: .wakeup(block: block, ending: slept ? .slept : .polled, isValid: isValid))
  }
}
