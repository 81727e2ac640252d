@testable import PollTrace

/// A host written down halt by halt: what KVM would do becomes events, with the truth beside them.
struct TraceScript {
  var settings = PollSettings(
    rules: .newest,
    parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))
  var events: [Event] = []
  /// KVM's own count of what it did.
  var truth = KernelCounters()
  var decisions: UInt64 = 0
  /// What `kvm_arch_no_poll()` denies: without it a vCPU sleeps at once and keeps its window.
  var mayPoll = true
  private var windows: [ThreadID: PollWindow] = [:]
  private var clocks: [ThreadID: Timestamp] = [:]

  /// A vCPU runs for `busy` ns and halts for `block` ns; the kernel polls and decides as it does.
  ///
  /// `switchTime` is the way through the scheduler from the end of a poll to the switch, `changed`
  /// what somebody makes of the parameters meanwhile.
  mutating func halt(
    _ thread: Int32, on cpu: UInt32 = 0, busy: UInt64 = 1_000, block: UInt64,
    abandonedAfter: UInt64? = nil, switchTime: UInt64 = 2_000, hasSchedulerEvents: Bool = true,
    changed: PollParameters? = nil
  ) {
    let id = ThreadID(thread)
    let parameters = settings.parameters(at: Timestamp(0))
    var window = windows[id] ?? PollWindow()
    window.enter(ceiling: parameters.ceiling, rules: settings.rules)
    let began = (clocks[id] ?? Timestamp(1_000_000)) + Nanoseconds(busy)
    let length = mayPoll ? UInt64(window.length) : 0
    let poll = min(length, abandonedAfter ?? length)
    let isPolled = block <= poll && length > 0
    if length > 0 {
      truth.attemptedPolls += 1
      if isPolled {
        truth.successfulPolls += 1
        truth.successfulPollTime += Nanoseconds(block)
        truth.successfulPollHistogram.add(Nanoseconds(block))
      } else {
        truth.failedPollTime += Nanoseconds(poll)
        truth.failedPollHistogram.add(Nanoseconds(poll))
      }
    }
    if !isPolled {
      truth.waitTime += Nanoseconds(block) - Nanoseconds(poll)
      truth.waitHistogram.add(Nanoseconds(block) - Nanoseconds(poll))
      if hasSchedulerEvents {
        let left = began + Nanoseconds(poll + switchTime)
        events.append(
          Event(
            time: left, cpu: CPU(cpu), thread: id,
            kind: .switched(next: .idle, stillRunnable: false)))
        events.append(
          Event(
            time: began + Nanoseconds(max(block, 5_000) - 5_000), cpu: CPU(9), thread: ThreadID(9),
            kind: .waking(woken: id, target: CPU(cpu), context: .interrupt)))
      }
    }
    let woke = began + Nanoseconds(block)
    if mayPoll,
      case .moved(let move, let old, let new) = window.leave(
        after: block, parameters: changed ?? parameters, rules: settings.rules)
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
    windows[id] = window
    clocks[id] = woke
  }

  /// The events in order of time; those of one moment keep their order.
  var sorted: [Event] {
    events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map(\.element)
  }

  /// The tracks of the events, read in the parts that end before the given positions.
  func tracks(cutAt cuts: [Int] = [], scope: TrackScope? = nil) -> HostTracks {
    let scope = scope ?? TrackScope(settings: settings)
    let events = sorted
    var whole = HostTracks(scope: scope)
    for (from, to) in zip([0] + cuts, cuts + [events.count]) {
      var part = HostTracks(scope: scope)
      part.take(Array(events[from..<to]).span)
      whole.append(part)
    }
    whole.finish(at: events.last?.time ?? Timestamp(0))
    return whole
  }
}
