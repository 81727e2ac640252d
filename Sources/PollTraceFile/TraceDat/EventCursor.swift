internal import PollTrace

/// Walks through one CPU's pages and decodes the events that say something about halts.
///
/// A page at a time, so that what lies inside one is a tight loop.
struct EventCursor {
  private let pages: CPUPages
  private let slice: TraceSlice
  private var cache: ChunkCache
  private var nextPage: Int

  /// The time of the last record, which none after it precedes.
  private var last = Timestamp(0)
  private(set) var tally = ReadTally()

  init(
    _ pages: CPUPages, _ clock: ClockConversion, _ slice: TraceSlice,
    _ workspace: Compression.Workspace
  ) {
    self.pages = pages
    cache = ChunkCache(workspace)
    self.slice = slice
    nextPage = slice.from.rawValue == 0 ? 0 : pages.page(at: clock.raw(slice.from), &cache)
  }

  /// Puts the events of the next page that has some into `events`; false at the end.
  mutating func refill(
    _ events: inout [Event], _ layouts: EventLayouts, _ described: DescribedEvents,
    _ clock: ClockConversion
  ) -> Bool {
    events.removeAll(keepingCapacity: true)
    while events.isEmpty, nextPage < pages.count {
      let page = pages.page(nextPage, &cache)
      nextPage += 1
      guard let page else {
        note("cannot be decompressed")
        continue
      }
      if let damage = page.damage { note(damage) }
      if !decode(page, layouts, described, clock, &events) { nextPage = pages.count }
    }
    return !events.isEmpty
  }

  /// Decodes the page's events; false where the slice has ended.
  private mutating func decode(
    _ page: RingBufferPage, _ layouts: EventLayouts, _ described: DescribedEvents,
    _ clock: ClockConversion,
    _ events: inout [Event]
  ) -> Bool {
    let begin = max(clock.time(page.time), last)
    if begin >= slice.to { return false }
    if page.missing != nil, begin >= slice.from { events.append(loss(before: page, at: begin)) }
    var position = page.dataOffset
    var stamp = page.time
    while true {
      switch page.step(&position, &stamp) {
      case .record(let start, let length):
        var now = clock.time(stamp)
        if now < last {
          tally.ledger.note(.timeRunsBackwards, 1, "CPU \(pages.cpu.rawValue)")
          now = last
        }
        last = now
        if now < slice.from { continue }
        if now >= slice.to { return false }
        tally.events &+= 1
        if tally.first == nil { tally.first = now }
        tally.last = now
        let kind = layouts.kind(page.bytes, start, length, page.isBigEndian)
        guard kind != .other else {
          passOver(page, start, length, layouts, described)
          continue
        }
        layouts.add(
          kind, page.bytes, start, at: now, cpu: pages.cpu, page.isBigEndian, to: &events)
      case .filler: continue
      case .end: return true
      case .damage(let words):
        note(words)
        return true
      }
    }
  }

  /// A record that says nothing about halts, if it is what it seems.
  @inline(__always)
  private mutating func passOver(
    _ page: RingBufferPage, _ start: Int, _ length: Int, _ layouts: EventLayouts,
    _ described: DescribedEvents
  ) {
    let type = UInt16(
      truncatingIfNeeded: EventLayouts.value(
        layouts.common.type, page.bytes, start, page.isBigEndian))
    if !described.contains(type) {
      tally.ledger.note(.unknownEvents, 1, "type \(type)")
    } else if layouts.kinds[Int(type)] != .other {
      note("an event of type \(type) in a record of \(length) bytes")
    }
  }

  private mutating func loss(before page: RingBufferPage, at time: Timestamp) -> Event {
    let missing = page.missing ?? 0
    if missing > 0 {
      tally.lost[pages.cpu, default: 0] &+= missing
    } else {
      tally.uncountedLosses += 1
    }
    return Event(
      time: time, cpu: pages.cpu, thread: .idle, kind: .lost(count: missing > 0 ? missing : nil))
  }

  private mutating func note(_ damage: String) {
    tally.ledger.note(
      .damaged, 1,
      "CPU \(pages.cpu.rawValue), page at byte \(pages.place(of: nextPage - 1)): \(damage)")
  }
}
