/// One vCPU thread through a trace: its events in, its figures out; parts of a trace join.
package struct VCPUTrack: Hashable, Sendable {
  package let thread: ThreadID
  /// The vCPU's id, as its decisions tell.
  package private(set) var vcpu: UInt32?
  package private(set) var measures = VCPUMeasures()
  package private(set) var chain: WindowChain
  /// Decisions whose wake-up never came.
  package private(set) var decisionsWithoutWakeup: UInt64 = 0
  /// Gaps in which events of this vCPU may be lost.
  package private(set) var gaps: UInt64 = 0

  /// The first event and the last one, and where: a loss there breaks the chain.
  private(set) var first: (time: Timestamp, cpu: CPU)?
  private(set) var last: (time: Timestamp, cpu: CPU)?

  /// What belongs to the halt that is going on.
  private var builder = HaltBuilder()
  /// The first wake-up: its halt may have begun in the part before, so it waits for that.
  private var head: (builder: HaltBuilder, wakeup: HaltBuilder.Wakeup)?
  private var headIsOver = false

  package init(thread: ThreadID) {
    self.thread = thread
    chain = WindowChain(thread: thread)
  }

  /// Whether any kvm event was the thread's: others only passed by in scheduler events.
  package var hasHalts: Bool { measures.halts > 0 || head != nil || vcpu != nil }

  /// Takes the thread's events in, which are in order of time.
  mutating func take(_ events: [Event], _ losses: Losses, _ scope: TrackScope) {
    for event in events {
      switch event.kind {
      case .wakeup(let block, let ending, let isValid):
        breakOff(at: losses, before: event)
        add(
          HaltBuilder.Wakeup(
            time: event.time, cpu: event.cpu, block: block, ending: ending, isValid: isValid),
          scope)
      case .decision(let decision):
        breakOff(at: losses, before: event)
        add(decision, at: event.time, on: event.cpu)
      case .waking, .switched:
        if scope.clockIsTime { add(passing: event) }
      case .lost: break
      }
    }
  }

  /// Takes a scheduler event of the thread in.
  @inline(__always)
  private mutating func add(passing event: Event) {
    switch event.kind {
    case .waking(_, _, let context):
      builder.addWaking(at: event.time, cpu: event.cpu, by: event.thread, context: context)
    case .switched(let next, let stillRunnable):
      builder.addSwitch(at: event.time, cpu: event.cpu, to: next, stillRunnable: stillRunnable)
    default: break
    }
  }

  /// Breaks the chain where events of this thread may be lost since its last one.
  @inline(__always)
  private mutating func breakOff(at losses: Losses, before event: Event) {
    guard !losses.isEmpty, let last else { return }
    if losses.lie(between: last, and: (event.time, event.cpu)) { breakOff() }
  }

  private mutating func see(_ time: Timestamp, on cpu: CPU) {
    if first == nil { first = (time, cpu) }
    last = (time, cpu)
  }

  /// Takes `kvm:kvm_halt_poll_ns` in.
  private mutating func add(_ decision: Decision, at time: Timestamp, on cpu: CPU) {
    see(time, on: cpu)
    vcpu = decision.vcpu
    if builder.add(decision) { decisionsWithoutWakeup += 1 }
  }

  /// Takes `kvm:kvm_vcpu_wakeup` in.
  private mutating func add(_ wakeup: HaltBuilder.Wakeup, _ scope: TrackScope) {
    see(wakeup.time, on: wakeup.cpu)
    if headIsOver {
      take(builder.halt(endedBy: wakeup), scope)
    } else {
      head = (builder, wakeup)
      builder = HaltBuilder()
      headIsOver = true
    }
  }

  /// Events that may be this thread's are lost: what is going on is not known any more.
  mutating func breakOff() {
    gaps += 1
    builder = HaltBuilder()
    headIsOver = true
    chain.breakOff()
  }

  private mutating func take(_ halt: Halt, _ scope: TrackScope) {
    let isCounted = scope.counts(halt)
    if isCounted { measures.add(halt) }
    chain.add(halt, scope, isCounted: isCounted)
  }

  /// Goes on with the same thread's track in the next part of the trace.
  mutating func append(_ later: VCPUTrack, _ scope: TrackScope) {
    var later = later
    if let (before, wakeup) = later.head {
      builder.append(before)
      if headIsOver {
        take(builder.halt(endedBy: wakeup), scope)
      } else {
        head = (builder, wakeup)
        headIsOver = true
      }
      builder = HaltBuilder()
      later.head = nil
    } else if later.headIsOver {
      // The later part began with a gap.
      headIsOver = true
      builder = HaltBuilder()
    }
    builder.append(later.builder)
    measures.merge(later.measures)
    chain.append(later.chain, scope)
    vcpu = later.vcpu ?? vcpu
    decisionsWithoutWakeup += later.decisionsWithoutWakeup
    gaps += later.gaps
    first = first ?? later.first
    last = later.last ?? last
  }

  /// The trace ends at `end`.
  mutating func finish(at end: Timestamp, _ scope: TrackScope) {
    if let (before, wakeup) = head {
      var before = before
      var rest = VCPUTrack(thread: thread)
      rest.headIsOver = true
      rest.take(before.halt(endedBy: wakeup), scope)
      rest.chain.append(chain, scope)
      measures.merge(rest.measures)
      chain = rest.chain
      head = nil
    }
    chain.finish(at: end, scope)
    if builder.hasDecision { decisionsWithoutWakeup += 1 }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.thread == right.thread && left.vcpu == right.vcpu && left.measures == right.measures
      && left.chain == right.chain && left.gaps == right.gaps
      && left.decisionsWithoutWakeup == right.decisionsWithoutWakeup
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(thread) }
}
