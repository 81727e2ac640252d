/// One time in which a guest's CPU had nothing to do: a poll that met its event, or a halt, with the poll
/// before it where there was one.
///
/// One turn of the haltpoll governor: it polls (`cpu_idle` state 0) for as long as its limit, then halts
/// (state 1 or deeper). An interrupt that wakes no task ends a halt, and another turn begins.
package struct Idle: Hashable, Sendable {
  /// When the CPU entered the poll, or the halt where it did not poll.
  package var began: Timestamp
  /// When it left the last of them.
  package var ended: Timestamp
  /// How long it polled; nil where it halted at once.
  package var poll: Nanoseconds?
  /// When it halted, nil where the poll met its event.
  package var halted: Timestamp?
  /// When another CPU sent the interrupt that ended the halt, where that was recorded.
  package var woken: Timestamp?
  /// Whether there was a task to run at the end; nil where the trace does not say.
  package var hasWork: Bool?
  /// What the governor made of the halt; nil where nothing was traced.
  package var decision: GuestDecision?

  init(began: Timestamp) { (self.began, ended) = (began, began) }

  /// From the first to the last moment.
  package var length: Nanoseconds { ended - began }
  /// How long it halted: what the governor calls the residency, with the time that tracing both ends took.
  package var halt: Nanoseconds? { halted.map { ended - $0 } }
  /// From the interrupt that another CPU sent to the CPU's being back.
  package var wakeLatency: Nanoseconds? { woken.map { ended - $0 } }
}

/// Puts one CPU's idle times together from its events, in order of time.
struct IdleBuilder: Sendable {
  private var idle: Idle?
  /// The state that the CPU is in, and since when.
  private var entered: (state: UInt32, since: Timestamp)?
  private var woken: Timestamp?

  /// Between a poll that ran out and the halt the kernel stops the tick.
  ///
  /// That took up to 46 µs on the machine of docs/method.md. Used where the trace does not say whether there was work at the poll's end.
  private static let longestGap: Nanoseconds = 50_000

  /// The CPU enters `state` at `time`; gives back the idle time before, which is known to be over now.
  mutating func enter(_ state: UInt32, at time: Timestamp) -> Idle? {
    // A way out is missing: what went on is not known.
    if entered != nil { idle = nil }
    (entered, woken) = ((state, time), nil)
    if state > 0, var polled = idle, polled.halted == nil, goesOn(polled, at: time) {
      polled.halted = time
      idle = polled
      return nil
    }
    let before = idle
    var next = Idle(began: time)
    if state > 0 { next.halted = time }
    idle = next
    return before
  }

  /// Whether a halt at `time` is what `polled`, whose poll is over, goes on with.
  private func goesOn(_ polled: Idle, at time: Timestamp) -> Bool {
    polled.hasWork.map { !$0 } ?? (time - polled.ended <= Self.longestGap)
  }

  /// The CPU leaves the state that it is in, and `hasWork` or not.
  mutating func leave(at time: Timestamp, hasWork: Bool?) {
    guard let entered else { return idle = nil }
    self.entered = nil
    idle?.ended = time
    idle?.hasWork = hasWork
    if entered.state == 0 { idle?.poll = time - entered.since } else { idle?.woken = woken }
  }

  /// Another CPU sends an interrupt.
  mutating func wake(at time: Timestamp) {
    if let entered, entered.state > 0, woken == nil { woken = time }
  }

  /// The governor has decided; false where no halt has just ended.
  mutating func decide(_ decision: GuestDecision) -> Bool {
    guard entered == nil, idle?.halted != nil else { return false }
    idle?.decision = decision
    return true
  }

  /// The trace ends, or events are missing from here on: gives back what is known to be over.
  mutating func breakOff() -> Idle? {
    // Without the next state a poll may have run out as well.
    let isOver = entered == nil && (idle?.halted != nil || idle?.hasWork == true)
    let last = isOver ? idle : nil
    self = Self()
    return last
  }
}
