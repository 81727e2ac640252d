internal import PollTrace

/// A trace as text: what `cat trace`, `trace_pipe`, `trace-cmd report` and `perf script` print.
///
/// Read once, from front to back, into memory: what a text is about (names, clock, CPUs) is known
/// only at its end.
struct FtraceText {
  private let text: Bytes
  private var store = EventStore()
  private var header = TextHeader()
  private var notes = BoundedNotes()
  private var signs = VMSigns()
  private var names = ThreadNames()

  private var line: UInt64 = 0
  private var foreign: UInt64 = 0
  /// Whether lines that are no events came since the last event, and when that was.
  private var isBehindForeign = false
  private var beforeForeign: Timestamp?
  private var lastSeen: Timestamp?
  private var holes: [Range<Timestamp>] = []
  /// Losses that wait for the event behind them.
  private var losses: [(cpu: CPU, count: UInt64?)] = []
  /// The last time of each CPU; nil where it has no event.
  private var last: [Timestamp?] = []
  private var cpus = 0
  private var backwards: UInt64 = 0
  private var isTime = true
  private var hasCoarseTimes = false
  private var wakings: UInt64 = 0
  private var switches: UInt64 = 0
  private var unknownContexts: UInt64 = 0
  /// Wake-ups that say whether they were valid, and those that do not.
  private var (withValid, withoutValid) = (false, false)
  /// Whether the last line is known to be whole.
  private var isWhole = true

  /// So many holes are noted at most.
  private static let mostHoles = 1_024
  /// How far a text is searched for the first line of a trace.
  private static let searched = 1 << 20

  /// Whether some line of `text` is an event, or the header of a tracer.
  static func recognises(_ text: Bytes) -> Bool {
    let head = text.part(0, min(text.count, searched)) ?? text
    var begin = 0
    while begin < head.count {
      let end = head.firstIndex(of: 0x0a, from: begin) ?? head.count
      if head.has(tracer, at: begin) || Self.context(head, begin, end) != nil { return true }
      begin = end + 1
    }
    return false
  }

  private static let tracer = Word("# tracer: ")

  /// The trace in `text`; `ledger` says what was wrong with the file around it.
  static func open(
    _ text: Bytes, path: String, _ ledger: Ledger
  ) throws(TraceFileError) -> any TraceReader {
    var reader = FtraceText(text: text)
    reader.readAll()
    guard
      reader.store.tally.events > 0 || reader.foreign == 0 || !reader.notes.ledger.entries.isEmpty
    else {
      throw TraceFileError(path: path, problem: .noEvents(lines: reader.foreign))
    }
    return reader.trace(path: path, ledger)
  }

  private init(text: Bytes) {
    self.text = text
    // A line of an event takes 80 bytes or more.
    _ = store.addStream(capacity: text.count / 80)
  }

  private mutating func readAll() {
    var begin = 0
    while begin < text.count {
      let end = text.firstIndex(of: 0x0a, from: begin)
      line &+= 1
      read(begin, end ?? text.count)
      if end == nil, !isWhole {
        notes.note("line \(line): expected the end of the line, found the end of the text")
      }
      begin = (end ?? text.count) &+ 1
    }
    for loss in losses { add(loss, at: store.tally.last ?? Timestamp(0)) }
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
    guard begin < end else { return }
    let first = text.byte(begin)
    if first != 0x23 {
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
      if let (context, colon) = Self.context(text, start, end) {
        return readOther(context, start, colon, end)
      }
    }
    readLine(begin, end)
  }

  /// Reads the line of an event called `name`; false where it is none.
  @inline(__always)
  private mutating func readEvent(
    _ name: EventText.Name, _ begin: Int, _ end: Int, from nameStart: Int, to colon: Int
  ) -> Bool {
    let found = context(begin, before: nameStart)
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
      let part = found == nil ? begin..<nameStart : colon + 1..<end
      let words = text.part(part.lowerBound, min(part.count, 80))?.text ?? ""
      notes.note("line \(line): expected \(expected), found '\(words)'")
      breakOff()
      return true
    }
    see(context)
    switch event.what {
    case .wakeup:
      if event.number == 0 { withoutValid = true } else { withValid = true }
      event.number = 0
      names.note(context, text, begin)
      // `valid`; a line that ends sooner is one of an old kernel, or cut.
      isWhole = text.byte(end &- 1) == 0x64
    case .decision:
      names.note(context, text, begin)
      isWhole = text.byte(end &- 1) == 0x29
    case .waking:
      event.flag = context.waking == .interrupt
      event.isValid = context.waking != .unknown
      wakings &+= 1
      if context.waking == .unknown { unknownContexts &+= 1 }
    case .switched:
      switches &+= 1
      names.note(context, text, begin)
    case .lost: break
    }
    store.append(event, stream: 0)
    return true
  }

  /// The context of the event whose name begins at `start`.
  @inline(__always)
  private func context(_ begin: Int, before start: Int) -> LineContext? {
    var position = start
    if text.byte(position &- 1) == 0x3a {
      // The event's system, as perf prints it.
      position &-= 1
      while position > begin, !text.byte(position &- 1).isSpace { position &-= 1 }
    }
    text.skipSpacesBackward(&position, above: begin)
    guard position > begin else { return nil }
    if text.byte(position &- 1) != 0x3a {
      // The period of a sample.
      guard text.numberBackward(&position, above: begin) != nil else { return nil }
      text.skipSpacesBackward(&position, above: begin)
      guard position > begin, text.byte(position &- 1) == 0x3a else { return nil }
    }
    return LineContext(text, begin, colon: position &- 1)
  }

  /// The context of whatever event the line is of, and the colon behind its time.
  private static func context(
    _ text: Bytes, _ begin: Int, _ end: Int
  ) -> (LineContext, colon: Int)? {
    var position = begin
    while let colon = text.firstIndex(of: 0x3a, from: position), colon < end {
      if colon > begin, text.byte(colon &- 1).digit != nil, text.byte(colon &+ 1).isSpace,
        let context = LineContext(text, begin, colon: colon)
      {
        return (context, colon)
      }
      position = colon &+ 1
    }
    return nil
  }

  private static let perfLost = Word("PERF_RECORD_LOST"), lost = Word(" lost ")

  /// Reads the line of an event that says nothing about halts, or of perf's `PERF_RECORD_LOST`.
  private mutating func readOther(_ context: LineContext, _ begin: Int, _ colon: Int, _ end: Int) {
    var position = colon + 1
    text.skipSpaces(&position, below: end)
    if text.take(Self.perfLost, &position, below: end) {
      if text.take(Self.lost, &position, below: end) {
        losses.append((context.cpu, text.number(&position, below: end)))
      }
      return
    }
    SignText.note(text, position, end, of: context.thread, in: &signs)
    see(context)
  }

  /// An event of any kind: counts it, and has the losses before it in front of it.
  @inline(__always)
  private mutating func see(_ context: LineContext) {
    if !losses.isEmpty {
      for loss in losses { add(loss, at: context.time) }
      losses.removeAll()
    }
    store.tally.see(context.time)
    if context.fraction != 9 {
      if context.fraction == 0 { isTime = false } else { hasCoarseTimes = true }
    }
    let cpu = Int(context.cpu.rawValue)
    if cpu >= last.count {
      last += repeatElement(nil, count: cpu &+ 1 &- last.count)
    }
    if let before = last[cpu] {
      if context.time < before { backwards &+= 1 }
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
    lastSeen = context.time
  }

  /// An event of any CPU could not be read: what is known of windows ends here.
  private mutating func breakOff() {
    let time = store.tally.last ?? Timestamp(0)
    for cpu in last.indices where last[cpu] != nil {
      store.append(
        Event(time: time, cpu: CPU(UInt32(cpu)), thread: .idle, kind: .lost(count: nil)), stream: 0)
    }
  }

  private mutating func add(_ loss: (cpu: CPU, count: UInt64?), at time: Timestamp) {
    if let count = loss.count {
      store.tally.lost[loss.cpu, default: 0] &+= count
    } else {
      store.tally.uncountedLosses &+= 1
    }
    store.append(
      Event(time: time, cpu: loss.cpu, thread: .idle, kind: .lost(count: loss.count)), stream: 0)
  }

  /// Reads a line without an event.
  private mutating func readLine(_ begin: Int, _ end: Int) {
    switch header.take(text, begin, end) {
    case .header: isWhole = true
    case .lost(let cpu, let count): losses.append((cpu, count))
    case .foreign:
      foreign &+= 1
      if !isBehindForeign { beforeForeign = lastSeen }
      isBehindForeign = true
    }
  }
}

extension FtraceText {
  /// The trace, now that all was read.
  private func trace(path: String, _ opening: Ledger) -> any TraceReader {
    var description = TraceDescription(
      path: path, format: "ftrace text",
      clock: .init(name: header.clock ?? "unknown", isTime: isTime), cpus: header.cpus ?? cpus)
    description.kernel = header.kernel
    description.arch = header.arch
    description.hasValidField = withValid || !withoutValid
    description.hasSchedulerEvents = wakings > 0 && switches > 0
    description.names = names.names
    description.processes = names.processes
    description.holes = holes
    var ledger = opening
    ledger.merge(notes.ledger)
    let events = store.tally.events
    if let entries = header.entries, entries > events {
      let seen = last.indices.filter { last[$0] != nil }
      let whose = seen.count == 1 && header.cpus ?? 1 > 1 ? ", all of CPU \(seen[0])" : ""
      ledger.note(
        .partOnly, entries - events,
        "the header counts \(entries) events, the text has \(events)\(whose)")
    }
    ledger.note(.timeRunsBackwards, backwards)
    ledger.note(.foreignLines, foreign)
    if hasCoarseTimes, wakings + switches > 0 { ledger.note(.coarseTime) }
    ledger.note(.wakersUnknown, unknownContexts)
    return StoredTrace(store, description, ledger: ledger, signs: signs)
  }
}
