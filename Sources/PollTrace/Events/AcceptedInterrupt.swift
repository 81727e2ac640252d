/// An interrupt that a vCPU's local APIC accepted (`kvm:kvm_apic_accept_irq`): an event for the vCPU, which
/// may be asleep, poll or run.
package struct AcceptedInterrupt: Hashable, Sendable {
  package var time: Timestamp
  /// The task that was running where it was sent.
  package var sender: ThreadID
  /// Where.
  package var cpu: CPU

  package init(time: Timestamp, sender: ThreadID, cpu: CPU) {
    (self.time, self.sender, self.cpu) = (time, sender, cpu)
  }
}

/// Gathers the interrupts that vCPUs accepted, of a source.
package struct InterruptTracker: Sendable {
  /// By vCPU number, of whatever VM, in order of time.
  package private(set) var found: [UInt32: [AcceptedInterrupt]] = [:]
  /// Only what lies in this time is kept.
  private let span: Range<Timestamp>
  /// How many are kept; of more none are.
  private let most: Int
  private var count = 0
  /// Whether there were more than are kept.
  package var isTooMuch: Bool { count > most }

  package init(most: Int, in span: Range<Timestamp>) { (self.most, self.span) = (most, span) }

  /// Takes the next events in.
  package mutating func add(_ events: Span<Event>) {
    for index in events.indices where events[index].what == .accepted { keep(events[index]) }
  }

  @inline(never)
  private mutating func keep(_ event: Event) {
    guard !isTooMuch, span.contains(event.time) else { return }
    count += 1
    guard !isTooMuch else {
      found = [:]
      return
    }
    found[event.number, default: []].append(
      AcceptedInterrupt(time: event.time, sender: event.other, cpu: event.cpu))
  }
}
