internal import PollTrace

/// One way through a text's lines, from front to back, into memory: what a text is about (names, clock,
/// CPUs) is known only at its end.
struct TextReading {
  let text: Bytes
  let form: LineForm
  /// Whether the text was cleaned of all that its lines need.
  let isClean: Bool
  /// What the text has to be cleaned of, by a line that was not understood; then reading has ended.
  var needed: TextCleaning = []

  var store = EventStore()
  var header = TextHeader()
  var names = ThreadNames()
  var signs = VMSigns()
  var recordings = Recordings()
  /// Threads by name, where the text has processes in their place; and what switches say of them.
  var named: NamedThreads?
  var switched = NamedThreads()

  /// The number of the line that is read.
  var line: UInt64 = 0
  var foreign: UInt64 = 0
  /// Lines without an event that name one of KVM's.
  var mentions: UInt64 = 0
  /// Lines of events that could not be read, and of which the end is missing.
  var unread = BoundedNotes(.unreadLines)
  var cut = BoundedNotes(.damaged)
  /// Lines that end in the middle of KVM's event names.
  var broken: UInt64 = 0
  /// Lines with several events.
  private(set) var joined: UInt64 = 0
  private var runs = EventRuns()
  /// Times in which nothing was recorded.
  private(set) var pauses: [Range<Timestamp>] = []
  /// Whether lines that are no events came since the last event, and when that was.
  private var isBehindForeign = false
  private var beforeForeign: Timestamp?
  private var lastSeen: Timestamp?
  private(set) var holes: [Range<Timestamp>] = []
  /// Losses that wait for the event behind them.
  var losses: [(cpu: CPU, count: UInt64?)] = []
  /// The last time of each CPU; nil where it has no event.
  private(set) var last: [Timestamp?] = []
  private(set) var cpus = 0
  private(set) var backwards: UInt64 = 0
  private(set) var isTime = true
  /// Whether each line says on which CPU an event was.
  private(set) var hasCPUs = true
  private(set) var hasCoarseTimes = false
  /// The fewest digits that a time has behind its point.
  private(set) var leastFraction = 9
  /// Halts and decisions of thread 0, which is the idle task.
  private(set) var ofNobody: UInt64 = 0
  private(set) var wakeups: UInt64 = 0
  private(set) var decisions: UInt64 = 0
  private(set) var wakings: UInt64 = 0
  private(set) var switches: UInt64 = 0
  private(set) var guestDecisions: UInt64 = 0
  private(set) var unknownContexts: UInt64 = 0
  /// For how many events a sample of a halt's stands at most.
  private(set) var period: UInt64 = 1
  /// Wake-ups that say whether they were valid, and those that do not.
  private(set) var (withValid, withoutValid) = (false, false)
  /// Whether the last line is known to be whole.
  var isWhole = true

  /// So many holes are noted at most.
  private static let mostHoles = 1_024
  /// Lines of one event of KVM's are shorter, unless symbols and the like follow.
  private static let longestEvent = 130

  /// A reading of all of `text`; `named` are its threads by name.
  static func all(of text: Bytes, isClean: Bool, named: NamedThreads? = nil) -> Self {
    var reading = Self(text: text, form: LineForm(of: text), isClean: isClean)
    reading.named = named
    reading.readAll()
    return reading
  }

  private init(text: Bytes, form: LineForm, isClean: Bool) {
    (self.text, self.form, self.isClean) = (text, form, isClean)
    // A line of an event takes 80 bytes or more.
    _ = store.addStream(capacity: text.count / 80)
  }

  private mutating func readAll() {
    var begin = 0
    while begin < text.count, needed.isEmpty {
      let end = text.firstIndex(of: 0x0a, from: begin)
      line &+= 1
      let before = end == nil ? unread : nil
      read(begin, end ?? text.count)
      if let before, !isWhole {
        unread = before
        cut.note("line \(line): expected the end of the line, found the end of the text")
      }
      begin = (end ?? text.count) &+ 1
    }
    for loss in losses { add(loss, at: store.tally.last ?? Timestamp(0)) }
    if isTime, form.isInOrder, let pause = runs.pause {
      breakOff(at: Timestamp(pause.upperBound.rawValue.minus(1)))
      pauses = [pause]
    }
    store.tally.lostOnAnyCPU = header.overwritten
    if let entries = header.entries, entries > store.tally.events {
      store.tally.absent[nil] = entries - store.tally.events
    }
    store.finish()
  }

  /// Reads the line from `begin` to `end`.
  @inline(__always)
  private mutating func read(_ begin: Int, _ end: Int) {
    var (begin, end) = (begin, end)
    while end > begin, text.byte(end &- 1).isSpace || text.byte(end &- 1) == 0x0d { end &-= 1 }
    let start = begin
    text.skipSpaces(&begin, below: end)
    isWhole = false
    guard begin < end else {
      isWhole = true
      return
    }
    let first = text.byte(begin)
    if first != 0x23 {
      if form == .perfTrace { return readPerfTrace(start, end) }
      if case .row(let row) = form { return readRow(row, start, end) }
      // An event that matters is found by its name, the last one in the line.
      var search = end
      while let colon = text.lastIndex(of: 0x3a, from: start, below: search) {
        if let (name, nameStart) = EventText.name(text, start, colon: colon),
          readEvent(name, start, end, from: nameStart, to: colon)
        {
          return
        }
        search = colon
      }
      if readOther(start, end) { return }
    }
    readLine(begin, end)
  }

  /// Reads the line of an event called `name`; false where it is none.
  @inline(__always)
  private mutating func readEvent(
    _ name: EventText.Name, _ begin: Int, _ end: Int, from nameStart: Int, to colon: Int
  ) -> Bool {
    let found = context(begin, before: nameStart, end)
    var event = Event(
      time: Timestamp(0), cpu: CPU(0), subject: .idle, what: .lost, value: 0, number: 0,
      flag: false, isValid: true)
    if let found {
      (event.time, event.cpu, event.subject) = (found.time, found.cpu, found.thread)
    }
    let isUnderstood = EventText.read(name, text, colon &+ 1, end, into: &event)
    guard let context = found, isUnderstood else {
      // With neither a place and a time nor an event's content it only has the name in it.
      guard found != nil || isUnderstood else { return false }
      let expected = found == nil ? "'TASK-PID [CPU] TIME:'" : EventText.expected(name)
      noteUnread(found == nil ? begin..<nameStart : colon + 1..<end, expected)
      return true
    }
    if end &- begin > Self.longestEvent, name == .wakeup || name == .decision,
      EventText.mention(in: text, begin, nameStart) != nil
    {
      joined &+= 1
      noteUnread(begin..<end, "one event in a line")
      return true
    }
    if name == .wakeup || name == .decision {
      period = max(period, LineForm.period(text, begin, before: nameStart))
    }
    take(event, context, begin, end)
    return true
  }

  /// Takes in the event of the line from `begin` to `end`.
  @inline(__always)
  mutating func take(_ event: Event, _ context: LineContext, _ begin: Int, _ end: Int) {
    var event = event
    see(context)
    if named != nil { name(&event, context, begin) }
    if recordings.mayBePrefixed { recordings.notePrefix(text, begin, context, at: line) }
    switch event.what {
    case .wakeup:
      // A line that says nothing of `valid` is one of an old kernel, or cut.
      isWhole = event.number != 0 && text.byte(end &- 1).digit == nil
      if event.number == 0 { withoutValid = true } else { withValid = true }
      event.number = 0
      wakeups &+= 1
      if named == nil { note(context, begin) }
    case .decision:
      isWhole = text.byte(end &- 1).digit == nil
      decisions &+= 1
      if named == nil {
        note(context, begin)
        names.note(event.number, of: context)
      }
    case .waking:
      isWhole = endsWhole(end)
      event.flag = context.waking == .interrupt
      event.isValid = context.waking != .unknown
      wakings &+= 1
      if context.waking == .unknown { unknownContexts &+= 1 }
    case .switched:
      isWhole = endsWhole(end)
      if event.subject != context.thread, context.isAlone, named == nil {
        switched.state(event.subject, of: context.thread, context.name(text, begin))
      }
      if named == nil { names.notePassing(context, text, begin) }
      switches &+= 1
    case .guestDecision:
      isWhole = text.byte(end &- 1).digit == nil
      guestDecisions &+= 1
    case .idle: isWhole = true
    case .switchedIn, .lost, .interrupted, .accepted: break
    }
    store.append(event, stream: 0)
  }

  /// Notes whose halt the line from `begin` on is about.
  @inline(__always)
  private mutating func note(_ context: LineContext, _ begin: Int) {
    names.note(context, text, begin)
    if context.thread == .idle { ofNobody &+= 1 }
    if names.areOfTwoProcesses { recordings.beginAnew(at: line) }
  }

  /// What stands before the event's name that begins at `start`.
  @inline(__always)
  private func context(_ begin: Int, before start: Int, _ end: Int) -> LineContext? {
    guard form == .whole else { return formed(begin, before: start, end) }
    guard var position = LineForm.nameBegin(text, begin, start),
      let colon = LineForm.colon(text, begin, &position)
    else { return nil }
    return LineContext(text, begin, colon: colon, interruptFlag: header.interruptFlag)
  }

  private func formed(_ begin: Int, before start: Int, _ end: Int) -> LineContext? {
    var context = form.context(
      text, begin, before: start, end, interruptFlag: header.interruptFlag)
    if form == .noTime { context?.time = Timestamp(line) }
    return context
  }

  /// An event of any kind: counts it, and has the losses before it in front of it.
  @inline(__always)
  mutating func see(_ context: LineContext) {
    if !losses.isEmpty {
      for loss in losses { add(loss, at: context.time) }
      losses.removeAll()
    }
    store.tally.see(context.time)
    if context.fraction != 9 {
      if context.fraction == 0 { isTime = false } else { hasCoarseTimes = true }
      leastFraction = min(leastFraction, context.fraction)
    }
    if context.cpu == .unknown { hasCPUs = false }
    let cpu = context.cpu == .unknown ? 0 : Int(context.cpu.rawValue)
    if cpu >= last.count {
      last += repeatElement(nil, count: cpu &+ 1 &- last.count)
    }
    if recordings.isBehindHeader { recordings.add(cpu) }
    if let before = last[cpu] {
      if context.time < before, form.isInOrder || hasCPUs {
        goBack(from: before, to: context.time)
      }
    } else {
      cpus &+= 1
    }
    last[cpu] = context.time
    if isBehindForeign {
      if let beforeForeign, beforeForeign < context.time, holes.count < Self.mostHoles {
        holes.append(beforeForeign..<context.time)
      }
      isBehindForeign = false
    }
    runs.see(context.time)
    lastSeen = context.time
  }

  /// The next event of a CPU lies before its last one.
  private mutating func goBack(from last: Timestamp, to time: Timestamp) {
    backwards &+= 1
    let isFirst = store.tally.first.map { time <= $0 } ?? false
    if isFirst && store.tally.events > 4 || last - time > 1_000_000_000 {
      recordings.beginAnew(at: line)
    }
  }

  /// A line without an event: something may be left out there.
  mutating func noteForeign() {
    foreign &+= 1
    if !isBehindForeign { beforeForeign = lastSeen }
    isBehindForeign = true
  }
}
