internal import PollTrace

/// Walks through one CPU's pages and stops at the events that say something about halts.
struct EventCursor {
  private let pages: CPUPages
  private let layouts: EventLayouts
  private let clock: ClockConversion
  private let slice: TraceSlice

  private var cache = ChunkCache()
  private var page: RingBufferPage?
  private var nextPage: Int
  private var position = 0
  /// In the clock's unit, as the pages have it.
  private var time: UInt64 = 0
  private var last = Timestamp(0)

  /// The event at which the cursor stands; nil at the end.
  private(set) var current: Event?
  private(set) var tally = ReadTally()

  init(
    _ pages: CPUPages, _ layouts: EventLayouts, _ clock: ClockConversion, _ slice: TraceSlice
  ) {
    self.pages = pages
    self.layouts = layouts
    self.clock = clock
    self.slice = slice
    nextPage = slice.from.rawValue == 0 ? 0 : pages.page(at: clock.raw(slice.from), &cache)
    advance()
  }

  /// Goes on to the next event of the slice.
  mutating func advance() {
    while true {
      guard let page else {
        guard turn() else { return current = nil }
        if current != nil { return }
        continue
      }
      switch page.step(&position, &time) {
      case .record(let start, let length):
        let now = moment()
        if now < slice.from { continue }
        if now >= slice.to { return finish() }
        tally.events &+= 1
        if tally.first == nil { tally.first = now }
        tally.last = now
        let kind = layouts.kind(page.bytes, start, length, page.isBigEndian)
        if kind == .other { continue }
        current = layouts.event(
          kind, page.bytes, start, at: now, cpu: pages.cpu, page.isBigEndian)
        return
      case .filler:
        continue
      case .end:
        self.page = nil
      case .damage(let words):
        note(words)
        self.page = nil
      }
    }
  }

  /// The time of the record, never before that of the one before it.
  private mutating func moment() -> Timestamp {
    let now = clock.time(time)
    if now < last {
      tally.ledger.note(.timeRunsBackwards, 1, "CPU \(pages.cpu.rawValue)")
      return last
    }
    last = now
    return now
  }

  /// Turns to the next page, with a loss as the current event; false behind the last one.
  private mutating func turn() -> Bool {
    current = nil
    guard nextPage < pages.count else { return false }
    let read = pages.page(nextPage, &cache)
    nextPage += 1
    guard let page = read else {
      note("cannot be decompressed")
      return true
    }
    time = page.time
    position = page.dataOffset
    self.page = page
    let begin = max(clock.time(time), last)
    if begin >= slice.to {
      finish()
      return false
    }
    if let damage = page.damage { note(damage) }
    if let missing = page.missing, begin >= slice.from || slice.from.rawValue == 0 {
      if missing > 0 {
        tally.lost[pages.cpu, default: 0] += missing
      } else {
        tally.uncountedLosses += 1
      }
      current = Event(
        time: begin, cpu: pages.cpu, thread: .idle,
        kind: .lost(count: missing > 0 ? missing : nil))
    }
    return true
  }

  private mutating func finish() {
    current = nil
    page = nil
    nextPage = pages.count
  }

  private mutating func note(_ damage: String) {
    let place = pages.place(of: nextPage - 1)
    tally.ledger.note(
      .damaged, 1, "CPU \(pages.cpu.rawValue), page at byte \(place): \(damage)")
  }
}
