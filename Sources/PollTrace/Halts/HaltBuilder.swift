/// Gathers what one vCPU thread's events say about its halt, until the wake-up ends it.
///
/// The thread's own events come in its order; wakings and switches of the thread come from whatever
/// CPU. A wake-up gives the halt and empties the builder.
struct HaltBuilder: Sendable {
  /// `sched:sched_waking` of the thread.
  private struct Waking {
    var time: Timestamp
    var cpu: CPU
    var waker: ThreadID
    var context: WakingContext
  }
  /// `sched:sched_switch` away from the thread.
  private struct SwitchOut {
    var time: Timestamp
    var cpu: CPU
    var successor: ThreadID
    var stillRunnable: Bool
  }

  /// `sched:sched_switch` to the thread.
  private struct SwitchIn {
    var time: Timestamp
    var from: Halt.Entry.From
  }

  private var decision: Event?
  private var waking: Waking?
  private var switchIn: SwitchIn?
  /// The last switches, oldest first.
  ///
  /// A halt has one or two; those of the guest's running before it are told apart by the halt's
  /// begin, which is known only at its wake-up.
  private var switches: [SwitchOut] = []
  private static let switchesKept = 8

  /// The decision that waits for its wake-up.
  var waitingDecision: Event? { decision }

  /// The kernel moved the window; the wake-up of the same halt follows.
  ///
  /// Gives back the earlier decision that has thereby lost its wake-up, if there is one.
  mutating func add(_ decision: Event) -> Event? {
    defer { self.decision = decision }
    return self.decision
  }

  /// The decision that waits, where the halt that `wakeup` ends began after it.
  ///
  /// The kernel decides at a halt's end, just before its wake-up, unless it is kept from going on.
  func earlierDecision(than wakeup: Event) -> Event? {
    guard let decision, decision.time < wakeup.time - wakeup.block else { return nil }
    return decision
  }

  /// Gives up the decision that waits: its wake-up is missing.
  mutating func forgetDecision() { decision = nil }

  /// Somebody wakes the thread.
  mutating func addWaking(
    at time: Timestamp, cpu: CPU, by waker: ThreadID, context: WakingContext
  ) {
    waking = Waking(time: time, cpu: cpu, waker: waker, context: context)
  }

  /// The thread gives up its CPU to `successor`.
  mutating func addSwitch(
    at time: Timestamp, cpu: CPU, to successor: ThreadID, stillRunnable: Bool
  ) {
    if switches.count == Self.switchesKept { switches.removeFirst() }
    switches.append(
      SwitchOut(time: time, cpu: cpu, successor: successor, stillRunnable: stillRunnable))
  }

  /// The thread gets its CPU from `predecessor`.
  mutating func addSwitchIn(
    at time: Timestamp, from predecessor: ThreadID, previousIsRunnable: Bool
  ) {
    let from: Halt.Entry.From =
      predecessor == .idle ? .idle : previousIsRunnable ? .preempted : .sleeper
    switchIn = SwitchIn(time: time, from: from)
  }

  /// Makes `halt` the one that `wakeup` ends.
  ///
  /// Field by field, into its place: a copy would wait for the stores of all of them.
  @inline(__always)
  mutating func end(with wakeup: Event, _ halt: inout Halt) {
    halt.woke = wakeup.time
    halt.block = wakeup.block
    halt.ending = wakeup.ending
    halt.isValid = wakeup.isValid
    halt.decision = decision?.decision
    halt.cpu = wakeup.cpu
    halt.poll = .unmeasured
    halt.waker = .unknown
    halt.wakeLatency = nil
    halt.successor = nil
    halt.entry = nil
    halt.leftCPU = nil
    halt.wokenBy = nil
    decision = nil
    // Without scheduler events nothing else is known.
    if waking != nil || !switches.isEmpty || switchIn != nil { complete(&halt) }
  }

  /// Adds what the scheduler's events say.
  private mutating func complete(_ halt: inout Halt) {
    if halt.ending == .slept {
      let began = halt.began
      // A task that wants the CPU ends the poll, so a preemption ends it as much as sleeping does.
      let left = switches.first { $0.time >= began }
      if let left {
        halt.poll = .measured(left.time - began)
        halt.successor = left.successor
        halt.leftCPU = left.cpu
      }
      if let switchIn, switchIn.time >= began {
        halt.entry = Halt.Entry(from: switchIn.from, path: halt.woke - switchIn.time)
      }
      if let waking, waking.time >= began {
        halt.wakeLatency = halt.woke - waking.time
        halt.wokenBy = waking.waker
        switch waking.context {
        case .unknown: break
        case .interrupt: halt.waker = .interrupt
        case .task:
          halt.waker =
            waking.cpu == (left?.cpu ?? halt.cpu) ? .taskOnSameCPU : .taskElsewhere
        }
      }
    }
    waking = nil
    switchIn = nil
    // The storage stays, so that no halt allocates.
    if !switches.isEmpty { switches.removeAll(keepingCapacity: true) }
  }
}
