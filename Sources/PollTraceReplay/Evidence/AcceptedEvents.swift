internal import PollTrace

/// One vCPU's wake events as interrupts that it accepted show them, those included that came while it woke or
/// ran and left no other trace.
///
/// Which of a trace's interrupts are a VM's no event says. Those of a sender belong to the vCPU where they
/// come just before its wake-ups.
struct AcceptedEvents: Sendable {
  /// An event that ended no halt.
  struct Hidden: Sendable {
    var time: Int64
    /// The halt whose event came before.
    var halt: Int
    var sending: Sending
  }
  /// How an event was sent.
  enum Sending: UInt8, Sendable {
    /// By itself, as far as is known.
    case alone
    /// Right behind the event before, which met the vCPU awake, or had to wake it.
    case behindAwake, behindAsleep
  }
  /// In order of time.
  let hidden: [Hidden]
  /// How each halt's own event was sent.
  let sendings: [Sending]
  /// How much later a sender sends its next event where it had to wake the vCPU for the last one, in ns.
  let wakingCost: Int64

  /// From an interrupt's being accepted to the waking, or to a poll's end.
  private static let acceptedToSeen: Int64 = 3_000
  /// Of a sender's interrupts so many come just before wake-ups, or they are for another vCPU.
  private static let leastOfSender = 0.1
  /// Of all halts so many end with an interrupt, or there are others which are not recorded.
  private static let leastOfHalts = 0.9
  /// A cost is learned from so many cases of each kind.
  private static let least = 20
  /// A sender that sleeps between two events takes longer: a timer's slack alone is 50 µs.
  private static let longestWork: Int64 = 30_000

  /// What `interrupts` for vCPUs of this number say of `halts`; nil where they do not show what ended them.
  init?(_ halts: Observation, _ interrupts: [AcceptedInterrupt]) {
    guard halts.isOnClock, !halts.hasNoWakings, halts.count > 0 else { return nil }
    let own = Self.own(of: halts, interrupts)
    var (owned, sent) = ([ThreadID: Int](), [ThreadID: Int]())
    for interrupt in interrupts { sent[interrupt.sender, default: 0] += 1 }
    for place in own where place >= 0 { owned[interrupts[place].sender, default: 0] += 1 }
    let senders = Set(
      sent.lazy.filter { Double(owned[$0.key] ?? 0) >= Self.leastOfSender * Double($0.value) }
        .map(\.key))
    let theirs = interrupts.filter { senders.contains($0.sender) }
    let places = Self.own(of: halts, theirs)
    guard
      Double(places.count(where: { $0 >= 0 })) >= Self.leastOfHalts * Double(halts.count)
    else { return nil }
    var chain = Chain()
    var hidden: [Hidden] = []
    // The step of the chain that each halt's own event is, and each hidden one.
    var (ownSteps, hiddenSteps) = ([Int](repeating: 0, count: halts.count), [Int]())
    var next = 0
    for stretch in halts.stretches {
      chain.breakOff()
      for index in stretch {
        let halt = halts[index]
        while next < theirs.count, Self.time(theirs[next]) <= halt.arrival {
          let time = Self.time(theirs[next])
          if next == places[index] {
            ownSteps[index] = chain.take(theirs[next], wakes: halt.slept)
          } else if time < halt.began, index > stretch.lowerBound {
            // Those before a stretch's first halt, or behind its last one, are of no halt.
            hiddenSteps.append(chain.take(theirs[next], wakes: false))
            hidden.append(
              Hidden(
                time: max(time, halts[index - 1].arrival), halt: index - 1, sending: .alone))
          }
          next += 1
        }
        if places[index] < 0 { chain.breakOff() }
      }
    }
    let chained = chain.finish()
    for index in hidden.indices { hidden[index].sending = chained.sendings[hiddenSteps[index]] }
    self.hidden = hidden
    sendings = ownSteps.map { chained.sendings[$0] }
    wakingCost = chained.cost
  }

  private static func time(_ interrupt: AcceptedInterrupt) -> Int64 {
    TimeOffset(interrupt.time).rawValue
  }

  /// The place of each halt's own interrupt, which came last before its wake-up; -1 for none.
  private static func own(of halts: Observation, _ interrupts: [AcceptedInterrupt]) -> [Int] {
    var next = 0
    return (0..<halts.count).map { index in
      let halt = halts[index]
      let earliest = halt.arrival - acceptedToSeen
      while next < interrupts.count, time(interrupts[next]) < earliest { next += 1 }
      guard next < interrupts.count, time(interrupts[next]) <= halt.arrival else { return -1 }
      return next
    }
  }

  /// Follows events as they were sent.
  private struct Chain {
    private var last: (interrupt: AcceptedInterrupt, woke: Bool)?
    /// Of each event, how long after the one before its sender sent it, and whether that one had to wake the vCPU.
    ///
    /// Nil where the sender slept meanwhile. The first one is nobody's.
    private var steps: [(work: Int64, woke: Bool)?] = [nil]

    mutating func breakOff() { last = nil }

    /// The step of `interrupt`, which had to wake the vCPU or not.
    mutating func take(_ interrupt: AcceptedInterrupt, wakes: Bool) -> Int {
      let step = last.flatMap { last -> (work: Int64, woke: Bool)? in
        let work = (interrupt.time - last.interrupt.time).rawValue
        guard last.interrupt.sender == interrupt.sender, last.interrupt.cpu == interrupt.cpu,
          work <= UInt64(longestWork)
        else { return nil }
        return (Int64(work), last.woke)
      }
      last = (interrupt, wakes)
      guard let step else { return 0 }
      steps.append(step)
      return steps.count - 1
    }

    /// How each step was sent, and what waking the vCPU costs: the difference of the fastest tenths, in ns.
    ///
    /// Sent back to back are those that took at most twice as long as those.
    consuming func finish() -> (sendings: [Sending], cost: Int64) {
      let fastest = { (woke: Bool) -> Double? in
        let works = steps.compactMap { $0?.woke == woke ? $0?.work : nil }
        return works.count < least ? nil : Quantiles.of(works.sorted(), 0.1)
      }
      guard let awake = fastest(false), let asleep = fastest(true), asleep > awake else {
        return (Array(repeating: .alone, count: steps.count), 0)
      }
      let sendings = steps.map { step -> Sending in
        guard let step else { return .alone }
        guard Double(step.work) <= 2 * (step.woke ? asleep : awake) else { return .alone }
        return step.woke ? .behindAsleep : .behindAwake
      }
      return (sendings, Int64(saturating: asleep - awake))
    }
  }
}
