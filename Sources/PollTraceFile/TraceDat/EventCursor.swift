internal import PollTrace

/// Walks through one CPU's pages and decodes the events that say something about halts.
///
/// It stops at moments, also inside a page, and goes on from there.
struct EventCursor {
  let pages: CPUPages
  let clock: ClockConversion
  let layouts: RecordLayouts
  /// Records before this moment are passed over.
  let from: Timestamp
  private var cache: ChunkCache
  private let firstPage: Int
  private var nextPage: Int
  /// The stamp of the page before the next one, and whether each so far was not before its own.
  private var stampOfPage: UInt64 = 0
  private var isInOrder = true
  private var losses: [PageSurvey.Loss] = []
  /// Whether damage took events away that lie behind the last one.
  private var isCut = false
  /// The pages that were looked at.
  var stretch: PageSurvey.Stretch {
    mutating get {
      var losses = losses
      if isCut {
        let next = nextPage < pages.count ? pages.time(of: nextPage, &cache) : nil
        losses.append(
          PageSurvey.Loss(after: last, before: next.map(clock.time) ?? Timestamp(.max)))
      }
      return PageSurvey.Stretch(
        begin: firstPage, end: nextPage, isInOrder: isInOrder, losses: losses, last: tally.last)
    }
  }

  /// The page that is being decoded, the place and the stamp that were reached in it.
  private(set) var page: RingBufferPage?
  /// The loss that lies before that page.
  private var loss: Event?
  var position = 0
  var stamp: UInt64 = 0
  /// The time of the last record, which none after it precedes.
  var last = Timestamp(0)
  var tally = ReadTally()
  /// The decision whose wake-up is to follow, where halts are read.
  var pending = PendingDecision()

  init(
    _ pages: CPUPages, _ clock: ClockConversion, _ layouts: RecordLayouts,
    _ workspace: Compression.Workspace, from: Timestamp
  ) {
    cache = ChunkCache(workspace)
    self.pages = pages
    self.clock = clock
    self.layouts = layouts
    self.from = from
    firstPage = from.rawValue == 0 ? 0 : pages.page(at: clock.raw(from), &cache)
    nextPage = firstPage
  }

  /// Puts the events before `end` behind those in `batch`.
  mutating func read(until end: Timestamp, into batch: inout EventBatch) {
    if let decision = pending.event(on: pages.cpu) { batch.append(decision) }
    pending = PendingDecision()
    while page != nil || turn(until: end) {
      if let loss { batch.append(loss) }
      loss = nil
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

  /// Puts the halts before `end` behind those in `halts`, up to what is no halt: false if anything
  /// is left then, which is to be read as events.
  ///
  /// Losses are noted, and not said here.
  mutating func read(until end: Timestamp, into halts: inout HaltBatch) -> Bool {
    while page != nil || turn(until: end) {
      loss = nil
      if let page {
        let step =
          page.isBigEndian
          ? pair(page, BigEndian.self, until: end, into: &halts)
          : pair(page, LittleEndian.self, until: end, into: &halts)
        if step != .pageOver { return step == .momentReached }
      }
      page = nil
    }
    return true
  }

  /// Turns to the next page; false where it begins at `end` or later, or there is none.
  private mutating func turn(until end: Timestamp) -> Bool {
    guard nextPage < pages.count else { return false }
    guard let page = pages.page(nextPage, &cache) else {
      nextPage += 1
      note("cannot be decompressed")
      return true
    }
    if page.isEmpty { return passEmptyPages() }
    let begin = max(clock.time(page.time), last)
    if begin >= end { return false }
    nextPage += 1
    if page.time < stampOfPage {
      // What belongs before it came in between, or not at all.
      isInOrder = false
      isCut = true
    }
    stampOfPage = page.time
    if isCut { noteLoss(at: begin) }
    isCut = false
    if let missing = page.missing { note(loss: missing, at: begin) }
    if let damage = page.damage { note(damage) }
    self.page = page
    position = page.dataOffset
    stamp = page.time
    return true
  }

  /// Passes over pages without events, which are damage where others follow; false where none do.
  private mutating func passEmptyPages() -> Bool {
    let first = nextPage
    while nextPage < pages.count, pages.page(nextPage, &cache)?.isEmpty == true { nextPage += 1 }
    guard nextPage < pages.count else { return false }
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
    // What comes before this is passed over, or has gone back in time.
    var least = max(from, last)
    let isTime = clock.isIdentity
    defer {
      batch.fill(to: filled)
      if count > 0 {
        tally.events &+= count
        tally.last = least
      }
    }
    while true {
      let (before, stampBefore) = (position, stamp)
      switch page.step(&position, &stamp, order) {
      case .record(let start, let length):
        var now = isTime ? Timestamp(stamp) : clock.time(stamp)
        if now < least {
          if isEarly(now) { continue }
          now = least
        }
        if now >= end {
          (self.position, self.stamp) = (before, stampBefore)
          return false
        }
        least = now
        last = now
        if count == 0 { begin(at: now) }
        count &+= 1
        room[filled].time = now
        room[filled].cpu = pages.cpu
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

  /// Events are missing before the page that was turned to, which begins at `time`: how many, or 0
  /// where that is not known.
  private mutating func note(loss missing: UInt64, at time: Timestamp) {
    noteLoss(missing > 0 ? missing : nil, at: time)
    guard time >= from else { return }
    if missing > 0 {
      tally.lost[pages.cpu, default: 0] &+= missing
    } else {
      tally.uncountedLosses += 1
    }
  }

  /// Events are missing before the page that was turned to: whatever is known of a window ends there.
  private mutating func noteLoss(_ count: UInt64? = nil, at time: Timestamp) {
    losses.append(PageSurvey.Loss(after: lastBefore, before: time))
    guard time >= from else { return }
    loss = Event(time: time, cpu: pages.cpu, thread: .idle, kind: .lost(count: count))
  }

  /// The time of the last record before the page that was turned to; that of the page before where
  /// the reading began with this one, nil before all pages.
  private var lastBefore: Timestamp? {
    mutating get {
      if nextPage - 1 > firstPage { return last }
      return firstPage > 0 ? clock.time(pages.time(of: firstPage - 1, &cache)) : nil
    }
  }

  /// Notes the first event.
  mutating func begin(at time: Timestamp) {
    if tally.first == nil { tally.first = time }
  }

  /// Whether a record at `time`, which is before the last one or before `from`, is to be passed
  /// over; else time has run backwards, which is noted.
  @inline(never)
  mutating func isEarly(_ time: Timestamp) -> Bool {
    if time < last { tally.ledger.note(.timeRunsBackwards, 1, "CPU \(pages.cpu.rawValue)") }
    last = max(last, time)
    return last < from
  }

  /// Notes a record that nothing describes, or that is too short for what its type says.
  @inline(never)
  mutating func note(oddRecord type: UInt16, _ length: Int) {
    if layouts.described.contains(type) {
      note("an event of type \(type) in a record of \(length) bytes")
    } else {
      tally.ledger.note(.unknownEvents, 1, "type \(type)")
    }
  }

  /// Notes damage, which took events away.
  mutating func note(_ damage: String) {
    isCut = true
    tally.ledger.note(
      .damaged, 1,
      "CPU \(pages.cpu.rawValue), page at byte \(pages.place(of: nextPage - 1)): \(damage)")
  }
}
