package import PollTrace

/// A host written down halt by halt: what KVM would do becomes events, with the truth beside them.
package struct TraceScript: Sendable {
  package var settings = PollSettings(
    rules: .newest,
    parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
  /// The ceilings of VMs that have one of their own, by thread.
  package var ownCeilings: [ThreadID: UInt32] = [:]
  package var events: [Event] = []
  /// KVM's own count of what it did.
  package var truth = KernelCounters()
  /// The window that each halt began with, in ns, in order of time.
  package private(set) var windows: [ThreadID: [(woke: Timestamp, window: UInt32)]] = [:]
  package private(set) var decisions: UInt64 = 0
  /// What `kvm_arch_no_poll()` denies: without it a vCPU sleeps at once and keeps its window.
  package var mayPoll = true
  private var current: [ThreadID: PollWindow] = [:]
  private var clocks: [ThreadID: Timestamp] = [:]

  package init() {}

  /// A vCPU runs for `busy` ns and halts for `block` ns; the kernel polls and decides as it does.
  ///
  /// The parameters are those of `settings` when it begins and when it ends, or then `changed`.
  /// `late` is how much later than its window a poll succeeds, `switchTime` the way through the
  /// scheduler from the end of a poll to the switch.
  package mutating func halt(
    _ thread: Int32, on cpu: UInt32 = 0, busy: UInt64 = 1_000, block: UInt64,
    abandonedAfter: UInt64? = nil, late: UInt64 = 0, switchTime: UInt64 = 2_000,
    hasSchedulerEvents: Bool = true, changed: PollParameters? = nil
  ) {
    let id = ThreadID(thread)
    var own = settings
    if let ceiling = ownCeilings[id] { own.ownCeiling = ceiling }
    let began = now(of: thread) + Nanoseconds(busy)
    let woke = began + Nanoseconds(block)
    var window = current[id] ?? PollWindow()
    window.enter(ceiling: own.parameters(at: began).ceiling, rules: settings.rules)
    windows[id, default: []].append((woke, window.length))
    let length = mayPoll ? UInt64(window.length) : 0
    let poll = min(length, abandonedAfter ?? length)
    let isPolled = block <= poll + late && length > 0
    count(block: block, poll: poll, length: length, isPolled: isPolled)
    if !isPolled, hasSchedulerEvents {
      addSchedulerEvents(
        of: id, on: CPU(cpu), left: began + Nanoseconds(poll + switchTime),
        woken: began + Nanoseconds(max(block, 5_000) - 5_000))
    }
    if mayPoll,
      case .moved(let move, let old, let new) = window.leave(
        after: block, parameters: changed ?? own.parameters(at: woke), rules: settings.rules)
    {
      decisions += 1
      events.append(
        Event(
          time: woke, cpu: CPU(cpu), thread: id,
          kind: .decision(Decision(move, vcpu: UInt32(thread), old: old, new: new))))
    }
    events.append(
      Event(
        time: woke, cpu: CPU(cpu), thread: id,
        kind: .wakeup(
          block: Nanoseconds(block), ending: isPolled ? .polled : .slept, isValid: true)))
    current[id] = window
    clocks[id] = woke
  }

  /// When the vCPU's last halt ended.
  package func now(of thread: Int32) -> Timestamp {
    clocks[ThreadID(thread)] ?? Timestamp(1_000_000)
  }

  private mutating func count(block: UInt64, poll: UInt64, length: UInt64, isPolled: Bool) {
    if length > 0 {
      truth.attemptedPolls += 1
      if isPolled {
        truth.successfulPolls += 1
        truth.successfulPollTime += Nanoseconds(min(block, poll))
        truth.successfulPollHistogram.add(Nanoseconds(min(block, poll)))
      } else {
        truth.failedPollTime += Nanoseconds(poll)
        truth.failedPollHistogram.add(Nanoseconds(poll))
      }
    }
    if !isPolled {
      truth.waitTime += Nanoseconds(block) - Nanoseconds(poll)
      truth.waitHistogram.add(Nanoseconds(block) - Nanoseconds(poll))
    }
  }

  private mutating func addSchedulerEvents(
    of id: ThreadID, on cpu: CPU, left: Timestamp, woken: Timestamp
  ) {
    events.append(
      Event(time: left, cpu: cpu, thread: id, kind: .switched(next: .idle, stillRunnable: false)))
    events.append(
      Event(
        time: woken, cpu: CPU(9), thread: ThreadID(9),
        kind: .waking(woken: id, target: cpu, context: .interrupt)))
  }

  /// The events in order of time; those of one moment keep their order.
  package var sorted: [Event] {
    events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map(\.element)
  }

  /// When events were lost, as the events tell.
  package var losses: Losses {
    var losses = Losses()
    var last: [CPU: Timestamp] = [:]
    for event in sorted {
      if event.what == .lost {
        losses.add(Losses.Loss(after: last[event.cpu], before: event.time), on: event.cpu)
      }
      last[event.cpu] = event.time
    }
    return losses
  }

  /// The tracks of the events, followed in rounds that end before the given positions.
  package func tracks(cutAt cuts: [Int] = [], scope: TrackScope? = nil) -> [VCPUTrack] {
    let scope = scope ?? TrackScope(settings: settings)
    var shards = (0..<ThreadShard.count).map { ThreadShard(number: $0, scope: scope) }
    let (events, losses) = (sorted, losses)
    let cpus = Set(events.map(\.cpu)).sorted()
    var groupers = cpus.map { _ in ThreadGrouper() }
    for (from, to) in zip([0] + cuts, cuts + [events.count]) {
      var groups: [ThreadGroups] = []
      for cpu in cpus.indices {
        let round = events[from..<to].filter { $0.cpu == cpus[cpu] }
        groups.append(groupers[cpu].group(round.span))
      }
      for shard in shards.indices { shards[shard].take(groups, losses) }
    }
    for shard in shards.indices {
      shards[shard].finish(at: events.last?.time ?? Timestamp(0), losses)
    }
    return shards.flatMap(\.tracks)
  }
}
