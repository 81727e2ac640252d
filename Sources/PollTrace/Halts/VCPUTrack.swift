/// One vCPU thread through a trace: its events in, its figures out.
package struct VCPUTrack: Sendable {
  package let thread: ThreadID
  /// The vCPU's id, as its decisions tell.
  package private(set) var vcpu: UInt32?
  package private(set) var measures = VCPUMeasures()
  package private(set) var account = PollAccount()
  package private(set) var fidelity = Fidelity()
  package private(set) var windows = WindowShares()
  package private(set) var evidence = RuleEvidence()
  /// Halts that count and whose window is not known.
  package private(set) var unknown: UInt64 = 0
  /// Decisions whose wake-up never came: how many, and what they tell, which counts where the trace has
  /// no wake-up at all.
  package private(set) var decisionsWithoutWakeup: UInt64 = 0
  package private(set) var lone = LoneDecisions()
  /// Whether any wake-up was the thread's.
  package private(set) var hasWakeups = false
  /// Gaps in which events of this vCPU may be lost: those that the trace marks, and those that only
  /// its windows show.
  package private(set) var gaps: UInt64 = 0
  package private(set) var gapsShown: UInt64 = 0

  /// Halts that begin before the one before has ended, and decisions that name another vCPU: one vCPU has
  /// neither.
  package private(set) var foreign: UInt64 = 0

  /// What the scope asks to keep of the halts.
  package private(set) var log = HaltLog()
  package private(set) var times = HaltTimes()
  package private(set) var timeline = Timeline()
  private var kept: [WindowedHalt] = []

  package private(set) var tracker: WindowTracker
  private var builder = HaltBuilder()
  /// The thread's own first event and its last one, and where.
  package private(set) var first: (time: Timestamp, cpu: CPU)?
  private var last: (time: Timestamp, cpu: CPU)?
  /// Its last wake-up.
  private var woke: (time: Timestamp, cpu: CPU)?

  package init(thread: ThreadID, _ scope: TrackScope) {
    self.thread = thread
    log = HaltLog(room: scope.keeps.room[thread] ?? 0)
    tracker = WindowTracker(
      scope.settings(of: thread), decisionsAreRecorded: scope.decisionsAreRecorded,
      lookup: scope.openings.map { $0[thread] ?? Openings() })
  }

  /// Whether any kvm event was the thread's: others only passed by in scheduler events.
  package var hasHalts: Bool { first != nil }

  /// Takes the thread's events in, which are those in `range` in order of time.
  mutating func take(
    _ events: [Event], _ range: Range<Int>, _ losses: Losses, _ scope: TrackScope,
    _ batch: inout WindowedBatch
  ) {
    let mayLose = !losses.isEmpty
    for index in range {
      let event = events[index]
      switch event.what {
      case .wakeup, .decision:
        let now = (time: event.time, cpu: event.cpu)
        if let last {
          if mayLose, losses.lie(between: last, and: now) {
            breakOff(&batch)
            gaps += 1
          } else if !scope.clockIsTime, last.time == now.time, last.cpu != now.cpu {
            // Nobody knows which came first: a clock of jiffies has one stamp for milliseconds.
            breakOff(&batch)
          }
        } else {
          first = now
        }
        last = now
        if event.what == .decision {
          if let lost = builder.add(event) { addLone(lost, scope) }
          if let vcpu, vcpu != event.number { foreign &+= 1 }
          vcpu = event.number
        } else {
          hasWakeups = true
          if scope.clockIsTime {
            if let woke, Self.overlaps(event, woke, scope.timeStep) { foreign &+= 1 }
            woke = now
          }
          if let decision = builder.earlierDecision(than: event), scope.clockIsTime,
            !tracker.makes(decision, at: event)
          {
            // Its own wake-up is missing, and what came until this halt.
            builder.forgetDecision()
            addLone(decision, scope)
            breakOff(&batch)
            gapsShown += 1
          }
          tracker.add(to: &batch) { builder.end(with: event, &$0) }
          if batch.isFull { count(&batch, scope) }
        }
      case .waking where scope.clockIsTime:
        builder.addWaking(
          at: event.time, cpu: event.cpu, by: event.other, context: event.context)
      case .switched where scope.clockIsTime:
        builder.addSwitch(
          at: event.time, cpu: event.cpu, to: event.other, stillRunnable: !event.flag)
      case .switchedIn where scope.clockIsTime:
        builder.addSwitchIn(at: event.time, from: event.other, previousIsRunnable: !event.flag)
      case .waking, .switched, .switchedIn, .lost, .guestDecision, .idle, .interrupted, .accepted:
        break
      }
    }
    count(&batch, scope)
  }

  /// Whether the halt that `wakeup` ends began clearly before the wake-up at `last`.
  ///
  /// KVM counts a halt's length by CLOCK_MONOTONIC, which is slewed; the trace's clock may not be, and may
  /// differ between CPUs.
  @inline(__always)
  private static func overlaps(
    _ wakeup: Event, _ last: (time: Timestamp, cpu: CPU), _ step: Nanoseconds
  ) -> Bool {
    guard wakeup.time - wakeup.block < last.time else { return false }
    let slewed = Nanoseconds(wakeup.block.rawValue / 256)
    let between: Nanoseconds = wakeup.cpu == last.cpu ? step : 1_000_000 + step
    return wakeup.time - wakeup.block + 20_000 + slewed + between < last.time
  }

  /// Events that may be this thread's are lost: what is going on is not known any more.
  private mutating func breakOff(_ batch: inout WindowedBatch) {
    builder = HaltBuilder()
    lone.breakOff()
    tracker.breakOff(to: &batch)
  }

  /// A decision has lost its wake-up.
  private mutating func addLone(_ decision: Event, _ scope: TrackScope) {
    decisionsWithoutWakeup += 1
    guard scope.from <= decision.time, decision.time < scope.to else { return }
    let settings = scope.settings(of: thread)
    lone.add(
      decision,
      EffectiveParameters(
        rules: settings.rules, parameters: settings.parameters(at: decision.time)))
  }

  /// Counts the halts whose window is settled.
  private mutating func count(_ batch: inout WindowedBatch, _ scope: TrackScope) {
    count(batch.room.span.extracting(0..<batch.count), scope)
    batch.removeAll()
  }

  private mutating func count(_ settled: Span<WindowedHalt>, _ scope: TrackScope) {
    let range = scope.counted(of: settled)
    let counted = settled.extracting(range)
    switch scope.keeps.log {
    case .none: break
    case .all: log.add(counted, of: .all)
    case .sample(let samples):
      if let sample = samples[thread] { log.add(counted, of: sample) }
    }
    if scope.keeps.times {
      for index in counted.indices { times.add(counted[index].halt.woke) }
    }
    measures.add(counted)
    for index in settled.indices { count(settled[index], isCounted: range.contains(index)) }
    if let axis = scope.keeps.timeline { timeline.add(counted, on: axis) }
    if scope.keeps.halts {
      for index in counted.indices { kept.append(counted[index]) }
    }
  }

  /// Counts what the decision of a settled halt shows, and of one that counts what became of its poll.
  @inline(__always)
  private mutating func count(_ windowed: borrowing WindowedHalt, isCounted: Bool) {
    if windowed.gap == .shown { gapsShown += 1 }
    fidelity.add(windowed, of: thread)
    evidence.add(windowed)
    guard isCounted else { return }
    account.add(windowed)
    windows.add(windowed)
    if windowed.window == nil { unknown += 1 }
  }

  /// Gives away the halts that were kept since the last time.
  mutating func drain() -> [WindowedHalt] {
    defer { kept.removeAll(keepingCapacity: true) }
    return kept
  }

  /// Gives up the log: there are more halts than a replay takes.
  mutating func dropLog() { log = HaltLog() }

  /// What came since the last time, until `end`; the thread is followed on, and counted from nothing.
  ///
  /// What its decisions show of the rules (`fidelity`, `evidence`) is of all the time.
  mutating func harvest(
    at end: Timestamp, _ scope: TrackScope, _ batch: inout WindowedBatch
  ) -> VCPUTrack {
    tracker.settle(to: &batch)
    count(&batch, scope)
    var past = self
    past.windows.finish(at: end)
    measures = VCPUMeasures()
    account = PollAccount()
    lone = LoneDecisions()
    (unknown, gaps, gapsShown, decisionsWithoutWakeup) = (0, 0, 0, 0)
    windows.beginAnew(at: end)
    return past
  }

  /// From now on its halts obey `settings`.
  mutating func obey(_ settings: PollSettings) { tracker.obey(settings) }

  /// The trace ends at `end`.
  mutating func finish(
    at end: Timestamp, _ losses: Losses, _ scope: TrackScope, _ batch: inout WindowedBatch
  ) {
    if let decision = builder.waitingDecision { addLone(decision, scope) }
    lone.finish(at: min(end, scope.to))
    // Some of its events may be lost before its first one, or behind its last.
    if let first, losses.precede(first) { gaps += 1 }
    let isOpenEnded = last.map { losses.follow($0) } ?? false
    if isOpenEnded {
      gaps += 1
      tracker.breakOff(to: &batch)
    } else {
      tracker.finish(to: &batch)
    }
    count(&batch, scope)
    if isOpenEnded { windows.close() }
    fidelity.finish(isIncomplete: gaps > 0 || gapsShown > 0)
    windows.finish(at: min(end, scope.to))
  }
}
