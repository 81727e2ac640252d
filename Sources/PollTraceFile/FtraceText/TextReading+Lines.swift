internal import PollTrace

extension TextReading {
  /// Reads the line from `begin` to `end` of an event that says nothing about halts, or of one of perf's
  /// records; false where it is none.
  mutating func readOther(_ begin: Int, _ end: Int) -> Bool {
    guard let (context, colon) = other(begin, end) else { return false }
    if let record = PerfTaskLine(text, colon + 1, end) {
      switch record {
      case .lost(let count): losses.append((context.cpu, count))
      case .task(let thread, let name, let process): names.add(thread, name, process)
      case .other: break
      }
      return true
    }
    var position = colon + 1
    text.skipSpaces(&position, below: end)
    if !isPlainName(position, end) {
      if needs(begin, end) { return true }
      if EventText.mention(in: text, position, end) != nil {
        noteUnread(position..<end, "an event's name and a colon")
        return true
      }
    }
    SignText.note(text, colon + 1, end, of: context.thread, in: &signs)
    see(context)
    return true
  }

  /// What stands before the name of the event in the line, whatever it is, and the colon behind the time.
  private func other(_ begin: Int, _ end: Int) -> (LineContext, colon: Int)? {
    switch form {
    case .whole, .noCPU, .noTime, .perfTrace, .row:
      return Self.context(text, begin, end, form, header.interruptFlag)
    case .latency, .verbose:
      return Self.context(text, begin, end, form, header.interruptFlag)
        ?? Self.context(text, begin, end, .whole, header.interruptFlag)
    }
  }

  /// The context of whatever event the line is of, and the colon behind its time.
  static func context(
    _ text: Bytes, _ begin: Int, _ end: Int, _ form: LineForm = .whole,
    _ interruptFlag: Int? = nil
  ) -> (LineContext, colon: Int)? {
    var position = begin
    while let colon = text.firstIndex(of: 0x3a, from: position), colon < end {
      if colon > begin, text.byte(colon &+ 1).isSpace,
        form != .whole || text.byte(colon &- 1).digit != nil,
        let context = form.context(text, begin, colon: colon, interruptFlag)
      {
        return (context, colon)
      }
      position = colon &+ 1
    }
    return nil
  }

  /// Whether an event's name stands at `start`, as far as that can be told: a word with a colon behind it.
  ///
  /// KVM's, cut where a line was wrapped, have none.
  private mutating func isPlainName(_ start: Int, _ end: Int) -> Bool {
    var position = start
    while position < end, text.byte(position) != 0x3a, !text.byte(position).isSpace {
      guard text.byte(position).isOfName else { return false }
      position += 1
    }
    if text.byte(position) == 0x3a, position == start + 3, text.has(Self.kvm, at: start) {
      // The event's system, as perf prints it.
      return isPlainName(position + 1, end)
    }
    if text.byte(position) == 0x3a { return true }
    if position == end, text.has(Self.kvm, at: start) { broken += 1 }
    return text.has(Self.difference, at: start)
  }

  private static let kvm = Word("kvm"), difference = Word("(+")

  /// Whether the text has to be cleaned, by this line; then reading ends here.
  private mutating func needs(_ begin: Int, _ end: Int) -> Bool {
    guard !isClean else { return false }
    needed = TextCleaning(line: text, begin, end)
    return !needed.isEmpty
  }

  /// Reads a line of `perf trace`.
  mutating func readPerfTrace(_ begin: Int, _ end: Int) {
    var event = Event(
      time: Timestamp(0), cpu: CPU(0), subject: .idle, what: .lost, value: 0, number: 0,
      flag: false, isValid: true)
    guard let found = PerfTraceLine(text, begin, end), found.read(text, into: &event) else {
      if EventText.mention(in: text, begin, end) != nil {
        noteUnread(begin..<end, "'TIME COMM/TID kvm:kvm_vcpu_wakeup(ns: N, waited: N, valid: N)'")
      } else {
        readLine(begin, end)
      }
      return
    }
    let context = found.context
    (event.time, event.cpu, event.subject) = (context.time, context.cpu, context.thread)
    take(event, context, begin, end)
  }

  /// Reads a line of a script's.
  mutating func readRow(_ row: RowForm, _ begin: Int, _ end: Int) {
    guard let start = EventText.mention(in: text, begin, end),
      let (name, nameEnd) = EventText.name(text, at: start)
    else { return readLine(begin, end) }
    var event = Event(
      time: Timestamp(0), cpu: CPU(0), subject: .idle, what: .lost, value: 0, number: 0,
      flag: false, isValid: true)
    let found = row.context(text, begin, name: start, end)
    let fields = HaltFields.begin(name, text, nameEnd, end)
    let isUnderstood =
      fields.map { HaltFields.read(name, text, $0, end, leavesZerosOut: false, &event) } ?? false
    guard var context = found, isUnderstood else {
      // With neither it only has the name in it: the command that printed the others.
      if found == nil, !isUnderstood { return readLine(begin, end) }
      return noteUnread(begin..<end, "the event's thread, and its fields by name")
    }
    if !context.hasTime { context.time = Timestamp(line) }
    (event.time, event.cpu, event.subject) = (context.time, context.cpu, context.thread)
    take(event, context, begin, end)
  }

  /// Has `event` be of a thread known by its name, as the line has a process in its place.
  mutating func name(_ event: inout Event, _ context: LineContext, _ begin: Int) {
    guard let thread = named?.thread(of: context.thread, context.name(text, begin)) else { return }
    switch event.what {
    case .wakeup: event.subject = thread
    case .decision:
      event.subject = thread
      named?.note(event.number, of: thread)
    case .waking: event.value = UInt64(UInt32(bitPattern: thread.rawValue))
    case .switched, .switchedIn, .lost, .guestDecision, .idle, .interrupted, .accepted: break
    }
  }

  /// A line names an event and has something else than `expected` at `place`.
  mutating func noteUnread(_ place: Range<Int>, _ expected: String) {
    if needs(place.lowerBound, place.upperBound) { return }
    let words = text.part(place.lowerBound, min(place.count, 80))?.text ?? ""
    unread.note("line \(line): expected \(expected), found '\(words)'")
    breakOff(at: store.tally.last ?? Timestamp(0))
  }

  /// An event of any CPU could not be read, or was not recorded: what is known of windows ends here.
  mutating func breakOff(at time: Timestamp) {
    for cpu in last.indices where last[cpu] != nil {
      let cpu = hasCPUs ? CPU(UInt32(cpu)) : .unknown
      store.append(Event(time: time, cpu: cpu, thread: .idle, kind: .lost(count: nil)), stream: 0)
    }
  }

  mutating func add(_ loss: (cpu: CPU, count: UInt64?), at time: Timestamp) {
    if let count = loss.count {
      store.tally.lose(count, on: loss.cpu)
    } else {
      store.tally.uncountedLosses &+= 1
    }
    store.append(
      Event(time: time, cpu: loss.cpu, thread: .idle, kind: .lost(count: loss.count)), stream: 0)
  }

  /// Reads a line without an event.
  mutating func readLine(_ begin: Int, _ end: Int) {
    switch header.take(text, begin, end) {
    case .header: isWhole = true
    case .beginning:
      isWhole = true
      beginPiece()
    case .contradiction:
      isWhole = true
      beginPiece()
      recordings.contradict()
    case .lost(let cpu, let count): losses.append((cpu, count))
    case .foreign:
      if needs(begin, end) { return }
      isWhole = !isCutEvent(begin, end)
      if EventText.mention(in: text, begin, end) != nil { mentions += 1 }
      noteForeign()
    }
  }

  /// A header begins here.
  private mutating func beginPiece() {
    recordings.begin(
      at: line, after: last.indices.filter { last[$0] != nil }, store.tally.events,
      counted: header.counted)
    header.counted = nil
  }

  /// Whether the last number of a scheduler's event ends at `end`: a priority or a CPU has three digits.
  func endsWhole(_ end: Int) -> Bool { (1...3).allSatisfy { text.byte(end - $0).digit != nil } }

  /// Whether the line may be the beginning of an event's: it has a task's number and a bracket behind it, a
  /// name that is set to the right, or what an event's line before it begins with.
  private func isCutEvent(_ begin: Int, _ end: Int) -> Bool {
    guard text.firstIndex(of: 0x0a, from: begin) == nil,
      !(begin..<end).allSatisfy({
        text.byte($0).isSpace || text.byte($0) == 0x3e || text.byte($0) == 0x7c
      })
    else { return false }
    var place = begin
    while let bracket = text.firstIndex(of: 0x5b, from: place), bracket < end {
      var position = bracket
      text.skipSpacesBackward(&position, above: begin)
      if position < bracket, text.numberBackward(&position, above: begin) != nil { return true }
      place = bracket + 1
    }
    var start = begin
    while start > 0, text.byte(start - 1).isSpace { start -= 1 }
    let isName =
      text.byte(begin) | 0x20 >= 0x61 || text.byte(begin).digit != nil
      || text.byte(begin) == 0x3c && text.byte(begin + 1) != 0x2f
    return begin - start >= 4 && isName || isBeginning(start..<end)
  }

  /// Whether the line of an event begins with the bytes of `part`.
  private func isBeginning(_ part: Range<Int>) -> Bool {
    guard let words = text.part(part.lowerBound, part.count)?.array else { return false }
    var begin = 0
    while begin < part.lowerBound {
      let end = text.firstIndex(of: 0x0a, from: begin) ?? text.count
      if text.part(begin, words.count)?.starts(with: words) ?? false,
        Self.context(text, begin, end, form) != nil
      {
        return true
      }
      begin = end + 1
    }
    return false
  }
}

extension UInt8 {
  /// Whether names of events have it: letters, digits, `_`, and what parts systems and functions.
  fileprivate var isOfName: Bool {
    switch self {
    case 0x28, 0x2d...0x39, 0x41...0x5a, 0x5f, 0x61...0x7a: true
    default: false
    }
  }
}
