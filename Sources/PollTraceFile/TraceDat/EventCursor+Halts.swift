internal import PollTrace

/// A decision that was read and waits for its wake-up.
struct PendingDecision: Sendable {
  /// The idle task for none.
  var thread: Int32 = 0
  var marks: UInt32 = 0
  var old: UInt32 = 0
  var new: UInt32 = 0
  var vcpu: UInt32 = 0
  var time: UInt64 = 0

  var isNone: Bool { thread == 0 }

  init() {}

  init(_ event: Event) {
    thread = event.subject.rawValue
    marks = TracedHalt.decided
    if event.flag { marks |= TracedHalt.grows }
    new = UInt32(truncatingIfNeeded: event.value)
    old = UInt32(truncatingIfNeeded: event.value >> 32)
    vcpu = event.number
    time = event.time.rawValue
  }

  /// The event that was read on `cpu`; nil for none.
  func event(on cpu: CPU) -> Event? {
    guard !isNone else { return nil }
    return Event(
      time: Timestamp(time), cpu: cpu, thread: ThreadID(thread),
      kind: .decision(
        Decision(marks & TracedHalt.grows != 0 ? .grow : .shrink, vcpu: vcpu, old: old, new: new)))
  }

  /// The halt that ends with `wakeup`; nil where they do not belong together.
  func halt(endedBy wakeup: Event) -> TracedHalt? {
    guard wakeup.subject != .idle, isNone || thread == wakeup.subject.rawValue,
      let lead = UInt32(exactly: isNone ? 0 : wakeup.time.rawValue &- time)
    else { return nil }
    let slept = wakeup.flag ? TracedHalt.slept : 0
    let valid = wakeup.isValid ? TracedHalt.valid : 0
    return TracedHalt(
      woke: wakeup.time, block: Nanoseconds(wakeup.value), old: old, new: new, vcpu: vcpu,
      lead: lead, cpu: wakeup.cpu, marks: marks | slept | valid)
  }
}

/// Reading whole halts: a decision and the wake-up that follows it on the same CPU at once.
extension EventCursor {
  /// Why reading a page's halts stops.
  enum Stop { case pageOver, momentReached, noHalt }

  /// Reads the page's halts, up to what is none.
  mutating func pair<Order: ByteOrder>(
    _ page: RingBufferPage, _ order: Order.Type, until end: Timestamp, into halts: inout HaltBatch
  ) -> Stop {
    while true {
      if let usual = layouts.usual, clock.isIdentity {
        pairUsual(page, usual, until: end, &halts.stretches, &halts.room)
      }
      if let stop = pairOne(page, order, until: end, into: &halts) { return stop }
    }
  }

  /// Reads the next record, whatever it is.
  private mutating func pairOne<Order: ByteOrder>(
    _ page: RingBufferPage, _ order: Order.Type, until end: Timestamp, into halts: inout HaltBatch
  ) -> Stop? {
    let (before, stampBefore) = (position, stamp)
    switch page.step(&position, &stamp, order) {
    case .filler: return nil
    case .end: return .pageOver
    case .damage(let start, let length):
      note(page.words(onCut: start, length))
      return .pageOver
    case .record(let start, let length):
      var now = clock.time(stamp)
      let least = max(from, last)
      if now < least {
        if isEarly(now) { return nil }
        now = least
      }
      var event = Event(
        time: now, cpu: pages.cpu, thread: .idle, kind: .lost(count: nil))
      let isEvent = layouts.read(&event, page.bytes, start, length, order)
      if now < end, !isEvent || take(event, into: &halts) {
        if !isEvent, layouts.isOdd(page.bytes, start, order) {
          note(oddRecord: layouts.typeNumber(page.bytes, start, order), length)
        }
        last = now
        count(1, from: now, through: now)
        return nil
      }
      (position, stamp) = (before, stampBefore)
      return now < end ? .noHalt : .momentReached
    }
  }

  /// Takes in an event if it is a part of a halt.
  private mutating func take(_ event: Event, into halts: inout HaltBatch) -> Bool {
    switch event.what {
    case .decision:
      guard pending.isNone, event.subject != .idle else { return false }
      pending = PendingDecision(event)
    case .wakeup:
      guard let halt = pending.halt(endedBy: event) else { return false }
      halts.append(halt, of: event.subject)
      pending = PendingDecision()
    default: return false
    }
    return true
  }

  private mutating func count(_ records: UInt64, from first: Timestamp, through last: Timestamp) {
    begin(at: first)
    tally.events &+= records
    tally.last = last
  }

  /// Reads halts as long as their records are the usual ones and their threads have room: the loop
  /// that most of the time goes into.
  private mutating func pairUsual(
    _ page: RingBufferPage, _ usual: UsualRecords, until end: Timestamp,
    _ stretches: inout [HaltBatch.Stretch], _ room: inout [TracedHalt]
  ) {
    // The first record of all goes the other way, which notes its time; and so does what is early.
    let start = stamp
    guard pending.isNone, tally.first != nil, start >= max(from, last).rawValue,
      start < end.rawValue
    else { return }
    let (bytes, cpu) = (page.bytes, pages.cpu)
    let (final, left) = (page.end &- UsualRecords.most, end.rawValue &- start)
    // Looked up once: what another module computes is called.
    let (decided, decisionSize) = (UInt64(TracedHalt.decided), UInt64(UsualRecords.decisionSize))
    let low = stretches.count &- 1
    var stretches = stretches.mutableSpan
    var room = room.mutableSpan
    var (position, stamp, records) = (position, start, 0 as UInt64)
    while position <= final, let first = bytes.words(position) {
      // A decision's wake-up follows; without one the first record is the wake-up itself. No branch:
      // which of both it is cannot be foreseen.
      let mask: UInt64 = first.0 & UsualRecords.shape == usual.decision ? .max : 0
      let wakeup = position &+ Int(truncatingIfNeeded: mask & decisionSize)
      guard wakeup <= final, let words = bytes.words(wakeup),
        words.0 & UsualRecords.shape == usual.wakeup, first.1 << 32 == words.1 << 32
      else { break }
      let lead = UsualRecords.delta(words.0)
      let time = stamp &+ lead &+ UsualRecords.delta(first.0) & mask
      // Bytes that are 0 or 1, and marks a byte apart.
      let ended = words.2 &>> 32
      let moved = first.1 &>> 32 & mask
      guard time &- start < left, ended & 0xfefe | moved & 0xfe == 0 else { break }
      let thread = Int32(truncatingIfNeeded: words.1)
      var place = Int(thread) & low
      while stretches[place].thread != thread, stretches[place].thread != 0 {
        place = (place &+ 1) & low
      }
      let free = Int(stretches[place].next)
      guard free < Int(stretches[place].end) else { break }
      stretches[place].next &+= 1
      // Field by field: an initializer of another module would be called.
      room[free].woke.rawValue = time
      room[free].block.rawValue = words.1 &>> 32 | words.2 &<< 32
      room[free].new = UInt32(truncatingIfNeeded: first.2 &>> 32 & mask)
      room[free].old = UInt32(truncatingIfNeeded: first.3 & mask)
      room[free].vcpu = UInt32(truncatingIfNeeded: first.2 & mask)
      room[free].lead = UInt32(truncatingIfNeeded: lead & mask)
      room[free].cpu = cpu
      room[free].marks = UInt32(truncatingIfNeeded: ended & 0x0101 | moved &<< 24 | decided & mask)
      records &+= 1 &+ (mask & 1)
      (position, stamp) = (wakeup &+ UsualRecords.wakeupSize, time)
    }
    guard records > 0 else { return }
    (self.position, self.stamp, last) = (position, stamp, Timestamp(stamp))
    count(records, from: last, through: last)
  }
}
