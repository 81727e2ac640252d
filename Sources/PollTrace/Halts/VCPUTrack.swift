/// One vCPU thread through a trace: its events in, its figures out; parts of a trace join.
package struct VCPUTrack: Hashable, Sendable {
  package let thread: ThreadID
  /// The vCPU's id, as its decisions tell.
  package private(set) var vcpu: UInt32?
  package private(set) var measures = VCPUMeasures()
  package private(set) var chain: WindowChain
  /// The halts one by one, where the scope asks for them.
  package private(set) var log = HaltLog()
  /// The halts in full that nobody has drained yet, where the scope asks for them.
  private(set) var queue = HaltQueue()
  /// Their sums in bins of time, where the scope asks for those.
  package private(set) var timeline = Timeline()
  /// Decisions whose wake-up never came.
  package private(set) var decisionsWithoutWakeup: UInt64 = 0
  /// Gaps in which events of this vCPU may be lost.
  package private(set) var gaps: UInt64 = 0

  /// The first event and the last one, and where: a loss there breaks the chain.
  private(set) var first: (time: Timestamp, cpu: CPU)?
  private(set) var last: (time: Timestamp, cpu: CPU)?
  /// When the last decision was: since then the window is known only as long as nothing is lost.
  private var decided: Timestamp?

  /// What belongs to the halt that is going on.
  private var builder = HaltBuilder()
  /// The first wake-up: its halt may have begun in the part before, so it waits for that.
  private var head: (builder: HaltBuilder, wakeup: Event)?
  private var headIsOver = false

  /// `isBegun` says that nothing of the trace comes before.
  package init(thread: ThreadID, isBegun: Bool = false) {
    self.thread = thread
    headIsOver = isBegun
    chain = WindowChain(thread: thread)
  }

  /// Whether any kvm event was the thread's: others only passed by in scheduler events.
  package var hasHalts: Bool { measures.halts > 0 || head != nil || vcpu != nil }

  /// Takes the thread's events in, which are those in `range` in order of time; `halts` is room for
  /// as many halts.
  mutating func take(
    _ events: [Event], _ range: Range<Int>, _ losses: Losses, _ scope: TrackScope,
    _ halts: inout [Halt]
  ) {
    let laws = scope.laws(of: thread)
    var room = halts.mutableSpan
    var count = 0
    let mayLose = !losses.isEmpty
    // The last of the thread's own events; -1 for none.
    var own = -1
    for index in range {
      switch events[index].what {
      case .wakeup, .decision:
        if mayLose {
          if own >= 0 { see(events[own]) }
          let known = events[index].what == .decision ? decided ?? last?.time : last?.time
          if losses.lieAnywhere(between: known, and: events[index].time) {
            take(room.span.extracting(0..<count), scope, laws)
            count = 0
            if isCut(by: losses, before: events[index]) { breakOff() }
          }
        }
        if !scope.clockIsTime {
          if own >= 0 { see(events[own]) }
          if isAtOnce(with: events[index]) {
            take(room.span.extracting(0..<count), scope, laws)
            count = 0
            forget()
          }
        }
        if own < 0 { see(events[index]) }
        own = index
        if events[index].what == .decision {
          if builder.add(events[index]) { decisionsWithoutWakeup += 1 }
          vcpu = events[index].number
          decided = events[index].time
        } else if headIsOver {
          builder.end(with: events[index], &room[count])
          count &+= 1
        } else {
          keep(events[index])
        }
      case .waking where scope.clockIsTime:
        let event = events[index]
        builder.addWaking(
          at: event.time, cpu: event.cpu, by: event.other, context: event.context)
      case .switched where scope.clockIsTime:
        let event = events[index]
        builder.addSwitch(
          at: event.time, cpu: event.cpu, to: event.other, stillRunnable: !event.flag)
      case .waking, .switched, .lost: break
      }
    }
    if own >= 0 { see(events[own]) }
    take(room.span.extracting(0..<count), scope, laws)
  }

  /// Whether `event` has the stamp of the last one and another CPU, so that nobody knows which of both
  /// came first: a clock of jiffies has one stamp for milliseconds.
  private func isAtOnce(with event: Event) -> Bool {
    guard let last else { return false }
    return last.time == event.time && last.cpu != event.cpu
  }

  /// Whether events of this thread may be lost between its last one and `event`.
  private func isCut(by losses: Losses, before event: Event) -> Bool {
    guard let last else { return false }
    if losses.lie(between: last, and: (event.time, event.cpu)) { return true }
    // Since its last decision it may have been on a CPU that lost events, and back: its window tells.
    return event.what == .decision && chain.isAtOdds(with: event.decision)
  }

  /// The same between its last event and the first one of `later`.
  func isCut(by losses: Losses, before later: VCPUTrack) -> Bool {
    guard !losses.isEmpty, let last, let first = later.first else { return false }
    if losses.lie(between: last, and: first) { return true }
    let opening = later.head?.builder ?? later.builder
    guard let decision = opening.pending, decision.time == first.time else { return false }
    return losses.lieAnywhere(between: decided ?? last.time, and: decision.time)
      && chain.isAtOdds(with: decision.decision)
  }

  private mutating func see(_ event: Event) {
    if first == nil { first = (event.time, event.cpu) }
    last = (event.time, event.cpu)
  }

  /// Takes the thread's halts in, those in `range` in order of time; `room` is for as many halts.
  ///
  /// Until the window is known, and wherever more must be looked at than a halt's own two events,
  /// they are taken in as events.
  mutating func take(
    _ halts: [TracedHalt], _ range: Range<Int>, _ losses: Losses, _ scope: TrackScope,
    _ room: inout [Halt]
  ) {
    let traced = halts.span.extracting(range)
    let laws = scope.laws(of: thread)
    let isPlain = losses.isEmpty && scope.takesTraced(traced)
    var next = 0
    while next < traced.count {
      if isPlain, let law = laws.only, headIsOver, builder.isEmpty, chain.isKnown {
        take(traced.extracting(next..<traced.count), scope, law)
        return
      }
      // Behind a decision the window is known.
      var end = isPlain ? next : traced.count - 1
      while end < traced.count - 1, !traced[end].isDecided { end += 1 }
      end += 1
      takeEvents(of: traced.extracting(next..<end), losses, scope, &room)
      next = end
    }
  }

  /// Takes halts in as the events that they are.
  private mutating func takeEvents(
    of traced: Span<TracedHalt>, _ losses: Losses, _ scope: TrackScope, _ room: inout [Halt]
  ) {
    var events: [Event] = []
    events.reserveCapacity(2 * traced.count)
    for index in traced.indices {
      if let decision = traced[index].decisionEvent(of: thread) { events.append(decision) }
      events.append(traced[index].wakeupEvent(of: thread))
    }
    take(events, events.indices, losses, scope, &room)
  }

  /// Counts halts that follow each other, each of which began with a known window.
  private mutating func take(_ traced: Span<TracedHalt>, _ scope: TrackScope, _ law: PollLaw) {
    let final = traced[traced.count - 1]
    last = (final.woke, final.cpu)
    if case .timeline(let axis) = scope.keeps { timeline.add(traced, on: axis, law) }
    if let decided = measures.add(traced) { vcpu = decided }
    chain.add(traced, law)
  }

  /// The first wake-up waits for what came before.
  private mutating func keep(_ wakeup: Event) {
    head = (builder, wakeup)
    builder = HaltBuilder()
    headIsOver = true
  }

  /// Events that may be this thread's are lost: what is going on is not known any more.
  mutating func breakOff() {
    gaps += 1
    forget()
  }

  /// What is going on is not known any more.
  private mutating func forget() {
    builder = HaltBuilder()
    headIsOver = true
    chain.breakOff()
    log.breakOff()
    queue.breakOff()
  }

  /// Notes losses before its first event and behind its last one: some of its events may be among
  /// them.
  mutating func noteEdges(of losses: Losses) {
    guard !losses.isEmpty, let first, let last else { return }
    if losses.precede(first) { gaps += 1 }
    if losses.follow(last) { breakOff() }
  }

  /// Counts halts that follow each other.
  private mutating func take(_ halts: Span<Halt>, _ scope: TrackScope, _ laws: PollLaws) {
    let counted = scope.counted(of: halts)
    measures.add(halts.extracting(counted))
    chain.add(halts, laws, counted: counted)
    switch scope.keeps {
    case .nothing: break
    case .log, .timeline: keep(halts.extracting(counted), scope, laws)
    case .whole: queue.add(halts)
    }
  }

  /// Gives away the halts in full that came since the last time.
  mutating func drain() -> HaltQueue {
    defer { queue = HaltQueue() }
    return queue
  }

  /// Keeps what the scope asks for of each halt.
  private mutating func keep(_ halts: Span<Halt>, _ scope: TrackScope, _ laws: PollLaws) {
    switch scope.keeps {
    case .nothing, .whole: break
    case .log:
      for index in halts.indices { log.addUndecided(halts[index]) }
    case .timeline(let axis): timeline.add(halts, on: axis, laws)
    }
  }

  private mutating func take(_ halt: Halt, _ scope: TrackScope) {
    take([halt].span, scope, scope.laws(of: thread))
  }

  /// Goes on with the same thread's track in the next part of the trace.
  mutating func append(_ later: VCPUTrack, _ scope: TrackScope) {
    if let (before, wakeup) = later.head {
      builder.append(before)
      if headIsOver {
        take(builder.halt(endedBy: wakeup), scope)
      } else {
        head = (builder, wakeup)
        headIsOver = true
      }
      builder = HaltBuilder()
    } else if later.headIsOver {
      // The later part began with a gap.
      headIsOver = true
      builder = HaltBuilder()
    }
    builder.append(later.builder)
    measures.merge(later.measures)
    chain.append(later.chain, scope.laws(of: thread))
    log.append(later.log)
    timeline.append(later.timeline)
    vcpu = later.vcpu ?? vcpu
    decisionsWithoutWakeup += later.decisionsWithoutWakeup
    gaps += later.gaps
    first = first ?? later.first
    last = later.last ?? last
    decided = later.decided ?? decided
  }

  /// The trace ends at `end`.
  mutating func finish(at end: Timestamp, _ scope: TrackScope) {
    if let (before, wakeup) = head {
      var before = before
      var rest = VCPUTrack(thread: thread)
      rest.headIsOver = true
      rest.take(before.halt(endedBy: wakeup), scope)
      rest.chain.append(chain, scope.laws(of: thread))
      measures.merge(rest.measures)
      chain = rest.chain
      rest.log.append(log)
      log = rest.log
      rest.timeline.append(timeline)
      timeline = rest.timeline
      head = nil
    }
    chain.finish(at: end, scope.laws(of: thread))
    if builder.hasDecision { decisionsWithoutWakeup += 1 }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.thread == right.thread && left.vcpu == right.vcpu && left.measures == right.measures
      && left.chain == right.chain && left.gaps == right.gaps
      && left.decisionsWithoutWakeup == right.decisionsWithoutWakeup
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(thread) }
}
