internal import PollTrace

/// Walks through one CPU's pages and stops at the events that say something about halts.
///
/// A page is decoded at a time, so that what lies inside one is a tight loop.
struct EventCursor {
  private let pages: CPUPages
  private let slice: TraceSlice
  private var cache = ChunkCache()
  private var nextPage: Int

  /// The events of the current page, and which one is next.
  private var events: [Event] = []
  private var position = 0
  /// The time of the last record, which none after it precedes.
  private var last = Timestamp(0)
  private(set) var tally = ReadTally()

  init(
    _ pages: CPUPages, _ layouts: EventLayouts, _ clock: ClockConversion, _ slice: TraceSlice
  ) {
    self.pages = pages
    self.slice = slice
    nextPage = slice.from.rawValue == 0 ? 0 : pages.page(at: clock.raw(slice.from), &cache)
    // A page of the usual size holds fewer than 200 of the events that matter.
    events.reserveCapacity(256)
    refill(layouts, clock)
  }

  /// When the next event happened; nil at the end.
  @inline(__always)
  var time: Timestamp? { position < events.count ? events[position].time : nil }

  /// Hands over the next event and goes on; there must be one.
  @inline(__always)
  mutating func pop(_ layouts: EventLayouts, _ clock: ClockConversion) -> Event {
    let event = events[position]
    position &+= 1
    if position == events.count { refill(layouts, clock) }
    return event
  }

  /// Decodes pages until one has an event of the slice, or there are no more.
  private mutating func refill(_ layouts: EventLayouts, _ clock: ClockConversion) {
    events.removeAll(keepingCapacity: true)
    position = 0
    while events.isEmpty, nextPage < pages.count {
      let page = pages.page(nextPage, &cache)
      nextPage += 1
      guard let page else {
        note("cannot be decompressed")
        continue
      }
      if let damage = page.damage { note(damage) }
      if !decode(page, layouts, clock) { nextPage = pages.count }
    }
  }

  /// Decodes the page's events; false where the slice has ended.
  private mutating func decode(
    _ page: RingBufferPage, _ layouts: EventLayouts, _ clock: ClockConversion
  ) -> Bool {
    let begin = max(clock.time(page.time), last)
    if begin >= slice.to { return false }
    if page.missing != nil, begin >= slice.from { addLoss(page, at: begin) }
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
        guard kind != .other else { continue }
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

  private mutating func addLoss(_ page: RingBufferPage, at time: Timestamp) {
    let missing = page.missing ?? 0
    if missing > 0 {
      tally.lost[pages.cpu, default: 0] &+= missing
    } else {
      tally.uncountedLosses += 1
    }
    events.append(
      Event(
        time: time, cpu: pages.cpu, thread: .idle,
        kind: .lost(count: missing > 0 ? missing : nil)))
  }

  private mutating func note(_ damage: String) {
    tally.ledger.note(
      .damaged, 1,
      "CPU \(pages.cpu.rawValue), page at byte \(pages.place(of: nextPage - 1)): \(damage)")
  }
}
