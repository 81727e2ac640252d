internal import PollTrace

/// Walks through one CPU's pages and decodes the events that say something about halts.
///
/// It stops at moments, also inside a page, and goes on from there. Pages that are not in order of time
/// are read as they lie, each no earlier than the one before.
struct EventCursor: EventSource {
  private var pages: CPUPages
  /// Where more pages come from, of a buffer that is read while it is written.
  private let inbox: PageInbox?
  private let clock: ClockConversion
  private let layouts: RecordLayouts
  /// Whether events are missing behind the last one, as the recorder was killed.
  private let isCutOff: Bool
  private var cache: ChunkCache
  private var nextPage = 0
  /// The stamp of the page before the next one.
  private var stampOfPage: UInt64 = 0
  /// Whether damage took events away that lie behind the last one.
  private var isCut = false
  /// How many pages were looked at for losses before them; one more than there are at the end.
  private var looked = 0
  /// The loss that lies before the next page.
  private var loss: Event?

  /// The page that is being decoded, the place and the stamp that were reached in it.
  private var page: RingBufferPage?
  private var position = 0
  private var stamp: UInt64 = 0
  /// The time of the last record, which none after it precedes.
  private var last = Timestamp(0)
  private(set) var tally = ReadTally()

  init(
    _ pages: CPUPages, _ clock: ClockConversion, _ layouts: RecordLayouts, isCutOff: Bool = false,
    inbox: PageInbox? = nil
  ) {
    cache = ChunkCache(Compression.Workspace())
    self.pages = pages
    self.inbox = inbox
    self.clock = clock
    self.layouts = layouts
    self.isCutOff = isCutOff
  }

  mutating func read(until end: Timestamp, into batch: inout EventBatch) {
    while page != nil || turn(until: end, &batch) {
      if let page {
        let isOver =
          page.isBigEndian
          ? decode(page, BigEndian.self, until: end, into: &batch)
          : decode(page, LittleEndian.self, until: end, into: &batch)
        if !isOver { return }
      }
      page = nil
    }
  }

  /// Has the next pages lie at hand, where some have come; false at the end.
  private mutating func hasNext() -> Bool {
    if nextPage < pages.count { return true }
    guard let more = inbox?.next(), more.count > 0 else { return false }
    (pages, nextPage, looked) = (more, 0, 0)
    return true
  }

  /// Turns to the next page; false where it begins at `end` or later, or there is none.
  private mutating func turn(until end: Timestamp, _ batch: inout EventBatch) -> Bool {
    guard hasNext() else {
      lookBehind(&batch)
      return false
    }
    guard let page = pages.page(nextPage, &cache) else {
      nextPage += 1
      note("cannot be decompressed")
      return true
    }
    if page.isEmpty { return passEmptyPages(&batch) }
    let begin = max(clock.time(page.time), last)
    // A loss is known before the page's time has come: events of other CPUs may lie in it.
    look(before: page, at: begin, &batch)
    if begin >= end { return false }
    nextPage += 1
    stampOfPage = page.time
    if let loss { batch.append(loss) }
    loss = nil
    if let damage = page.damage { note(damage) }
    self.page = page
    position = page.dataOffset
    stamp = page.time
    return true
  }

  /// Notes what is missing before the next page, which begins at `time`, if anything is.
  private mutating func look(
    before page: RingBufferPage, at time: Timestamp, _ batch: inout EventBatch
  ) {
    guard looked <= nextPage else { return }
    looked = nextPage + 1
    // What belongs before an earlier page came in between, or not at all.
    if page.time < stampOfPage {
      isCut = true
      tally.ledger.note(.timeRunsBackwards, 1, "pages are not in order of time")
    }
    guard isCut || page.missing != nil else { return }
    isCut = false
    let hasBegun = nextPage > 0 || tally.first != nil
    batch.append(Losses.Loss(after: hasBegun ? last : nil, before: time), on: pages.cpu)
    let missing = page.missing ?? 0
    loss = Event(
      time: time, cpu: pages.cpu, thread: .idle, kind: .lost(count: missing > 0 ? missing : nil))
    if missing > 0 {
      tally.lose(missing, on: pages.cpu)
    } else if page.missing != nil {
      tally.uncountedLosses += 1
    }
  }

  /// Notes what is missing behind the last page, if anything is; where more may come, that will show.
  private mutating func lookBehind(_ batch: inout EventBatch) {
    guard inbox == nil, looked <= pages.count else { return }
    looked = pages.count + 1
    if isCut || (isCutOff && tally.last != nil) {
      batch.append(Losses.Loss(after: last, before: Timestamp(.max)), on: pages.cpu)
    }
  }

  /// Passes over pages without events, which are damage where others follow; false where none do.
  private mutating func passEmptyPages(_ batch: inout EventBatch) -> Bool {
    let first = nextPage
    while nextPage < pages.count, pages.page(nextPage, &cache)?.isEmpty == true { nextPage += 1 }
    guard nextPage < pages.count else {
      lookBehind(&batch)
      return false
    }
    note("\(nextPage - first) pages up to it without an event, where others follow")
    return true
  }

  /// Decodes the page's events; false where it goes on at `end` or later.
  private mutating func decode<Order: ByteOrder>(
    _ page: RingBufferPage, _ order: Order.Type, until end: Timestamp,
    into batch: inout EventBatch
  ) -> Bool {
    batch.reserve((page.end &- position) / RingBufferPage.leastRecord &+ 1)
    var filled = batch.count
    var room = batch.room.mutableSpan
    var (position, stamp, count) = (position, stamp, 0 as UInt64)
    // What comes before this has gone back in time.
    var least = last
    var first = tally.first
    let isTime = clock.isIdentity
    let cpu = pages.cpu
    defer {
      batch.fill(to: filled)
      last = least
      if count > 0 {
        tally.events &+= count
        tally.eventsOfCPU[cpu, default: 0] &+= count
        (tally.first, tally.last) = (first, least)
      }
    }
    while true {
      let (before, stampBefore) = (position, stamp)
      switch page.step(&position, &stamp, order) {
      case .record(let start, let length):
        var now = isTime ? Timestamp(stamp) : clock.time(stamp)
        if now < least {
          noteEarly()
          now = least
        }
        if now >= end {
          (self.position, self.stamp) = (before, stampBefore)
          return false
        }
        least = now
        if first == nil { first = now }
        count &+= 1
        room[filled].time = now
        room[filled].cpu = cpu
        if layouts.read(&room[filled], page.bytes, start, length, order) {
          filled &+= 1
        } else if layouts.isOdd(page.bytes, start, order) {
          note(oddRecord: layouts.typeNumber(page.bytes, start, order), length)
        }
      case .filler: continue
      case .end: return true
      case .damage(let start, let length):
        note(page.words(onCut: start, length))
        return true
      }
    }
  }

  /// Notes that time has run backwards.
  @inline(never)
  private mutating func noteEarly() {
    tally.ledger.note(.timeRunsBackwards, 1, "CPU \(pages.cpu.rawValue)")
  }

  /// Notes a record that nothing describes, or that is too short for what its type says.
  @inline(never)
  private mutating func note(oddRecord type: UInt16, _ length: Int) {
    if layouts.described.contains(type) {
      note("an event of type \(type) in a record of \(length) bytes")
    } else {
      tally.ledger.note(.unknownEvents, 1, "type \(type)")
    }
  }

  /// Notes damage, which took events away.
  private mutating func note(_ damage: String) {
    isCut = true
    tally.ledger.note(
      .damaged, 1,
      "CPU \(pages.cpu.rawValue), page at byte \(pages.place(of: nextPage - 1)): \(damage)")
  }
}
