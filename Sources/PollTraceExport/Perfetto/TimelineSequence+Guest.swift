internal import PerfettoTrace
internal import PollTrace

extension TimelineSequence {
  /// Adds the packets of a guest CPU's next idle time: its poll, its halt, and the waking of that.
  mutating func add(_ limited: LimitedIdle, _ packets: inout [PerfettoTracePacket]) {
    let idle = limited.idle
    let (began, ended) = (max(idle.began, now), max(idle.ended, now))
    show(limited.limit, at: began, &packets)
    packets.append(
      event(.sliceBegin, at: began, idle.halted == nil ? .polled : .waited) { $0.add(limited) })
    if let halted = idle.halted {
      let halted = min(max(halted, began), ended)
      if let poll = idle.poll { add(.poll, from: began, to: min(began + poll, halted), &packets) }
      let woken = min(max(idle.woken ?? ended, halted), ended)
      add(.sleep, from: halted, to: woken, &packets)
      if idle.woken != nil { add(.wakingUp, from: woken, to: ended, &packets) }
    }
    if let decision = idle.decision {
      packets.append(
        instant(
          decision.move, UInt64(decision.old), UInt64(decision.new),
          decision.move == .grow ? .shortHalt : .longHalt, at: ended))
    }
    show(limited.next, at: ended, &packets)
    packets.append(event(.sliceEnd, at: ended))
  }

  private mutating func add(
    _ name: TimelineNames.Event, from begin: Timestamp, to end: Timestamp,
    _ packets: inout [PerfettoTracePacket]
  ) {
    packets.append(event(.sliceBegin, at: begin, name))
    packets.append(event(.sliceEnd, at: end))
  }
}

extension PerfettoTrackEvent {
  /// Adds what is known of an idle time.
  fileprivate mutating func add(_ limited: LimitedIdle) {
    add(.block_ns, limited.idle.length.rawValue)
    add(.window_before_ns, limited.limit.map(UInt64.init))
    add(.window_after_ns, limited.next.map(UInt64.init))
    add(.poll_ns, limited.idle.poll?.rawValue)
    add(.wake_latency_ns, limited.idle.wakeLatency?.rawValue)
  }
}
