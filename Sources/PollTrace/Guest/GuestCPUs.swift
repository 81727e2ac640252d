/// The CPUs of a guest through a trace: takes events in, round by round.
package struct GuestCPUs: Sendable {
  private var scope: GuestScope
  private var tracks: [CPU: GuestCPUTrack] = [:]
  private var merged: [Event] = []
  private var merger = RunMerger<Event>()

  package init(_ scope: GuestScope) { self.scope = scope }

  /// Takes the next round's events in, those of each source in order of time.
  package mutating func take(_ sources: [[Event]]) {
    merged.removeAll(keepingCapacity: true)
    for source in sources { merged += source }
    merger.sort(&merged, merged.indices)
    for event in merged {
      if event.what == .lost, event.cpu == .unknown {
        for cpu in tracks.keys { tracks[cpu]?.take(event, scope) }
      } else {
        // An interrupt is an event of the CPU that it goes to.
        let cpu = event.what == .interrupted ? CPU(event.number) : event.cpu
        if event.what != .idle, event.what != .guestDecision, tracks[cpu] == nil { continue }
        tracks[cpu, default: GuestCPUTrack(cpu: cpu, scope)].take(event, scope)
      }
    }
  }

  /// Keeps no logs any more: there are more idle times than a replay takes.
  package mutating func dropLogs() {
    scope.keeps.log = .none
    for cpu in tracks.keys { tracks[cpu]?.dropLog() }
  }

  /// Hands over the idle times that were kept since the last time, CPU by CPU.
  package mutating func drain() -> [KeptIdle] {
    guard scope.keeps.idles else { return [] }
    return tracks.keys.sorted().flatMap { cpu in
      (tracks[cpu]?.drain() ?? []).map { KeptIdle(cpu: cpu, idle: $0) }
    }
  }

  /// What came of each CPU since the last time, until `end`, by number; all are followed on.
  package mutating func harvest(at end: Timestamp) -> [GuestCPUTrack] {
    tracks.keys.sorted().compactMap { tracks[$0]?.harvest(at: end, scope) }
  }

  /// From now on limits obey `settings`.
  package mutating func obey(_ settings: GuestSettings) {
    scope.settings = settings
    for cpu in tracks.keys { tracks[cpu]?.obey(settings) }
  }

  /// The trace ends at `end`; gives back the CPUs that have events, by number.
  package mutating func finish(at end: Timestamp) -> [GuestCPUTrack] {
    for cpu in tracks.keys { tracks[cpu]?.finish(at: end, scope) }
    return tracks.sorted { $0.key < $1.key }.map(\.value)
  }

  /// How many idle times are logged.
  package var logged: Int { tracks.values.reduce(0) { $0 + $1.log.entries.count } }
}

/// What a pass knows beforehand of a guest's CPUs, and what it keeps of their idle times.
package struct GuestScope: Sendable {
  package var settings: GuestSettings
  /// Idle times that ended in `from..<to` count; others are only followed.
  package var from = Timestamp(0)
  package var to = Timestamp(.max)
  /// What is kept of idle times beside figures.
  package struct Keeps: Sendable {
    /// What a replay needs.
    package var log = Log.none
    /// When they ended, for a sample of them.
    package var times = false
    /// Timelines on this axis.
    package var timeline: Timeline.Axis?
    /// Each one, until it is drained.
    package var idles = false
    package init() {}
  }
  /// Which idle times are logged.
  package enum Log: Sendable {
    case none
    case all
    /// Of each CPU these.
    case sample([CPU: HaltSample])
  }
  package var keeps = Keeps()

  package init(settings: GuestSettings) { self.settings = settings }
}

/// An idle time of a guest's CPU, handed over one by one.
package struct KeptIdle: Hashable, Sendable {
  package var cpu: CPU
  package var idle: LimitedIdle
  package init(cpu: CPU, idle: LimitedIdle) { (self.cpu, self.idle) = (cpu, idle) }
}

/// One CPU of a guest through a trace: its events in, its figures out.
package struct GuestCPUTrack: Sendable {
  package let cpu: CPU
  package private(set) var figures = IdleFigures()
  package private(set) var log = HaltLog()
  package private(set) var times = HaltTimes()
  package private(set) var timeline = Timeline()
  private var kept: [LimitedIdle] = []
  /// Whether the CPU was seen to idle, and whether any decision was its.
  package private(set) var hasIdles = false
  package private(set) var decisions: UInt64 = 0
  /// Decisions that no halt precedes.
  package private(set) var decisionsWithoutHalt: UInt64 = 0
  private var builder = IdleBuilder()
  private var tracker: LimitTracker

  init(cpu: CPU, _ scope: GuestScope) {
    self.cpu = cpu
    tracker = LimitTracker(scope.settings)
  }

  /// Gives up the log: there are more idle times than a replay takes.
  mutating func dropLog() { log = HaltLog() }

  /// Hands over the idle times that were kept since the last time.
  package mutating func drain() -> [LimitedIdle] {
    var drained: [LimitedIdle] = []
    swap(&drained, &kept)
    return drained
  }

  mutating func take(_ event: Event, _ scope: GuestScope) {
    switch event.what {
    case .idle:
      hasIdles = true
      if event.number == Event.idleExit {
        builder.leave(at: event.time, hasWork: event.isValid ? event.flag : nil)
      } else if let idle = builder.enter(event.number, at: event.time) {
        add(idle, scope)
      }
    case .guestDecision:
      decisions += 1
      // The trace may have begun between a halt and its decision.
      if !builder.decide(event.guestDecision), hasIdles { decisionsWithoutHalt += 1 }
    case .interrupted: builder.wake(at: event.time)
    case .lost:
      figures.gaps += 1
      breakOff(scope)
    case .wakeup, .decision, .waking, .switched, .switchedIn, .accepted: break
    }
  }

  private mutating func breakOff(_ scope: GuestScope) {
    if let idle = builder.breakOff() { add(idle, scope) }
    var settled: [LimitedIdle] = []
    tracker.breakOff { settled.append($0) }
    count(settled, scope)
    log.breakOff()
    figures.windows.close()
  }

  private mutating func add(_ idle: Idle, _ scope: GuestScope) {
    let before = tracker.gaps
    var settled: [LimitedIdle] = []
    tracker.add(idle) { settled.append($0) }
    if tracker.gaps > before { figures.gapsShown += 1 }
    count(settled, scope)
  }

  private mutating func count(_ settled: [LimitedIdle], _ scope: GuestScope) {
    for limited in settled {
      figures.check(limited, of: cpu)
      guard scope.from <= limited.idle.ended, limited.idle.ended < scope.to else { continue }
      switch scope.keeps.log {
      case .none: break
      case .all: log.add(limited, on: cpu, of: .all)
      case .sample(let samples):
        if let sample = samples[cpu] { log.add(limited, on: cpu, of: sample) }
      }
      if scope.keeps.times { times.add(limited.idle.ended) }
      figures.add(limited, of: cpu)
      if let axis = scope.keeps.timeline { timeline.add(limited, on: axis) }
      if scope.keeps.idles { kept.append(limited) }
    }
  }

  /// What came since the last time, until `end`; the CPU is followed on, and counted from nothing.
  ///
  /// Idle times whose limit no decision has told yet count without it. What decisions show of the rules
  /// (`figures.fidelity`) is of all the time.
  mutating func harvest(at end: Timestamp, _ scope: GuestScope) -> GuestCPUTrack {
    var settled: [LimitedIdle] = []
    tracker.giveUp { settled.append($0) }
    count(settled, scope)
    var past = self
    past.figures.windows.finish(at: end)
    figures.beginAnew(at: end)
    decisionsWithoutHalt = 0
    return past
  }

  /// From now on its limit obeys `settings`.
  mutating func obey(_ settings: GuestSettings) { tracker.obey(settings) }

  mutating func finish(at end: Timestamp, _ scope: GuestScope) {
    if let idle = builder.breakOff() { add(idle, scope) }
    var settled: [LimitedIdle] = []
    let isKnown = tracker.limit != nil
    tracker.breakOff { settled.append($0) }
    count(settled, scope)
    if isKnown { figures.windows.finish(at: min(end, scope.to)) }
  }
}
