internal import PerfettoTrace
internal import PollTrace

/// One vCPU's packets, or a guest CPU's, in order of time: a sequence of its own in the trace.
struct TimelineSequence {
  private let id: UInt32
  private let tracks: TimelineTracks.VCPU
  private let side: TimelineNames.Side
  /// The time of the last packet: halts whose begin is not exact never lie before it.
  private(set) var now = Timestamp(0)
  /// The window that its counter shows.
  private var shown: UInt32?

  init(_ id: UInt32, _ tracks: TimelineTracks.VCPU, _ side: TimelineNames.Side) {
    self.id = id
    self.tracks = tracks
    self.side = side
  }

  /// The sequence's first packet, which names what the others refer to by number.
  var opening: PerfettoTracePacket {
    var packet = PerfettoTracePacket()
    packet.trustedPacketSequenceID = id
    packet.sequenceFlags = Self.begins | Self.refers
    packet.firstPacketOnSequence = true
    packet.internedData = TimelineNames.interned(of: tracks.label, side)
    return packet
  }

  private static let begins: UInt32 = 1
  private static let refers: UInt32 = 2

  /// Adds the packets of the next halt; `flow` comes from whoever woke it, on the track `waker`.
  mutating func add(
    _ windowed: WindowedHalt, waker: UInt64?, flow: UInt64, _ packets: inout [PerfettoTracePacket]
  ) {
    let halt = windowed.halt
    let (began, woke) = (max(halt.began, now), max(halt.woke, now))
    show(windowed.window, at: began, &packets)
    packets.append(event(.sliceBegin, at: began, name(of: windowed)) { $0.add(windowed) })
    if halt.ending == .slept { addParts(of: windowed, waker, flow, &packets) }
    if let decision = halt.decision {
      let reason: TimelineNames.Word =
        !halt.isValid ? .invalidWakeup : decision.move == .grow ? .shortHalt : .longHalt
      packets.append(
        instant(decision.move, UInt64(decision.old), UInt64(decision.new), reason, at: woke))
    }
    show(windowed.left, at: woke, &packets)
    packets.append(event(.sliceEnd, at: woke))
  }

  /// What a halt that slept consists of: its poll, its sleep, its waking up.
  private mutating func addParts(
    of windowed: WindowedHalt, _ waker: UInt64?, _ flow: UInt64,
    _ packets: inout [PerfettoTracePacket]
  ) {
    let halt = windowed.halt
    let isAbandoned = windowed.pollEnd == .abandoned
    if let poll = windowed.poll, poll > 0 {
      packets.append(event(.sliceBegin, at: now, isAbandoned ? .abandonedPoll : .poll))
      let end = min(max(halt.began + poll, now), max(halt.woke, now))
      packets.append(event(.sliceEnd, at: end))
    }
    guard let latency = halt.wakeLatency else {
      packets.append(event(.sliceBegin, at: now, .sleep))
      packets.append(event(.sliceEnd, at: max(halt.woke, now)))
      return
    }
    let waking = max(halt.woke - latency, now)
    if waking > now {
      packets.append(event(.sliceBegin, at: now, .sleep))
      packets.append(event(.sliceEnd, at: waking))
    }
    if let waker {
      packets.append(
        event(.instant, at: waking, .wakes, on: waker) { $0.flowIds = [flow] })
    }
    packets.append(
      event(.sliceBegin, at: waking, .wakingUp) {
        if waker != nil { $0.terminatingFlowIds = [flow] }
      })
    packets.append(event(.sliceEnd, at: max(halt.woke, now)))
  }

  private func name(of windowed: WindowedHalt) -> TimelineNames.Event {
    switch (windowed.halt.ending, windowed.pollEnd) {
    case (.polled, .notAttempted): .awake
    case (.polled, _): .polled
    case (.slept, .abandoned): .abandoned
    case (.slept, _): .waited
    }
  }

  /// A decision that moved a window, or a limit, from `old` to `new`.
  mutating func instant(
    _ move: Decision.Move, _ old: UInt64, _ new: UInt64, _ reason: TimelineNames.Word,
    at time: Timestamp
  ) -> PerfettoTracePacket {
    event(.instant, at: time, move == .grow ? .grow : .shrink) {
      $0.add(.old_ns, old)
      $0.add(.new_ns, new)
      $0.add(.reason, reason)
    }
  }

  /// Has the counter show `window`, where it is known and another than before.
  mutating func show(
    _ window: UInt32?, at time: Timestamp, _ packets: inout [PerfettoTracePacket]
  ) {
    guard let window, window != shown else { return }
    shown = window
    packets.append(
      event(.counter, at: time, on: tracks.window) { $0.counterValue = Int64(window) })
  }

  mutating func event(
    _ type: PerfettoTrackEvent.TypeEnum, at time: Timestamp, _ name: TimelineNames.Event? = nil,
    on track: UInt64? = nil, _ fill: (inout PerfettoTrackEvent) -> Void = { _ in }
  ) -> PerfettoTracePacket {
    now = time
    var event = PerfettoTrackEvent()
    event.type = type
    event.trackUuid = track ?? tracks.thread
    if let name { event.nameIid = name.rawValue }
    fill(&event)
    var packet = PerfettoTracePacket()
    packet.timestamp = time.rawValue
    packet.trustedPacketSequenceID = id
    packet.sequenceFlags = Self.refers
    packet.trackEvent = event
    return packet
  }
}

extension PerfettoTrackEvent {
  /// Adds what is known of a halt.
  fileprivate mutating func add(_ windowed: WindowedHalt) {
    let halt = windowed.halt
    add(.block_ns, halt.block.rawValue)
    add(.window_before_ns, windowed.window.map(UInt64.init))
    add(.window_after_ns, windowed.left.map(UInt64.init))
    add(.poll_ns, windowed.poll?.rawValue)
    if halt.ending == .slept, windowed.window ?? 0 > 0 {
      add(.is_measured, halt.poll != .unmeasured)
    }
    if halt.cpu != .unknown { add(.cpu, UInt64(halt.cpu.rawValue)) }
    if !halt.isValid { add(.valid, false) }
    add(.wake_latency_ns, halt.wakeLatency?.rawValue)
    switch halt.waker {
    case .unknown: break
    case .interrupt: add(.waker, .interrupt)
    case .taskOnSameCPU: add(.waker, .taskOnSameCPU)
    case .taskElsewhere: add(.waker, .taskElsewhere)
    }
    if let task = halt.wokenBy, task.isKnown, halt.waker != .interrupt {
      add(.waker_tid, UInt64(UInt32(bitPattern: task.rawValue)))
    }
  }

  mutating func add(_ name: TimelineNames.Argument, _ value: UInt64?) {
    if let value { add(name) { $0.uintValue = value } }
  }
  fileprivate mutating func add(_ name: TimelineNames.Argument, _ value: Bool) {
    add(name) { $0.boolValue = value }
  }
  mutating func add(_ name: TimelineNames.Argument, _ word: TimelineNames.Word) {
    add(name) { $0.stringValueIid = word.rawValue }
  }

  private mutating func add(
    _ name: TimelineNames.Argument, _ fill: (inout PerfettoDebugAnnotation) -> Void
  ) {
    var annotation = PerfettoDebugAnnotation()
    annotation.nameIid = name.rawValue
    fill(&annotation)
    debugAnnotations.append(annotation)
  }
}
