internal import PollTrace

/// Lines of a text, one range of bytes after the other, without their ends.
struct TextLines {
  private let bytes: Bytes
  private var position: Int
  private let end: Int

  init(_ bytes: Bytes, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  mutating func next() -> Range<Int>? {
    guard position < end else { return nil }
    let start = position
    let newline = min(bytes.firstIndex(of: UInt8(ascii: "\n"), from: start) ?? end, end)
    position = newline + 1
    let isCRLF = newline > start && bytes.load(newline - 1, as: UInt8.self) == UInt8(ascii: "\r")
    return start..<(isCRLF ? newline - 1 : newline)
  }
}

/// What some lines of a text hold; parts that follow each other join, but for their events.
struct TextPart: Sendable {
  var events: [Event] = []
  var tally = ReadTally()
  /// Where lines begin that are of an event of interest and cannot be understood.
  var unclear: [Int] = []
  var names: [ThreadID: String] = [:]
  var processes: [ThreadID: ProcessID] = [:]
  var cpus: Set<CPU> = []
  /// The most digits behind the second that any time has.
  var decimals = 0
  var hasValidity = false
  var hasWakings = false
  var hasSwitches = false

  init() {}

  /// Reads the lines in `range`.
  init(_ bytes: Bytes, _ range: Range<Int>) {
    var lines = TextLines(bytes, range)
    // A line of an event is a hundred bytes, a little more or less.
    events.reserveCapacity(range.count / 80)
    while let line = lines.next() { add(bytes, line) }
  }

  private mutating func add(_ bytes: Bytes, _ range: Range<Int>) {
    guard let line = TextLine(bytes, range) else {
      addLoss(bytes, range)
      return
    }
    tally.events &+= 1
    if tally.first.map({ line.time < $0 }) ?? true { tally.first = line.time }
    if tally.last.map({ line.time > $0 }) ?? true { tally.last = line.time }
    decimals = max(decimals, line.decimals)
    if latestCPU != line.cpu {
      cpus.insert(line.cpu)
      latestCPU = line.cpu
    }
    guard line.name != .other else { return }
    guard let event = TextEvent.event(line) else {
      unclear.append(range.lowerBound)
      return
    }
    events.append(event)
    switch line.name {
    case .wakeup, .decision:
      if names[line.thread] == nil {
        names[line.thread] = line.body.text(line.comm.lowerBound, line.comm.upperBound)
      }
      if let process = line.process { processes[line.thread] = process }
      if !hasValidity { hasValidity = line.body.says("valid") }
    case .waking: hasWakings = true
    case .switched: hasSwitches = true
    case .other: break
    }
  }
  private var latestCPU: CPU?

  /// `CPU:3 [LOST 123 EVENTS]` of the kernel, `CPU:3 [123 EVENTS DROPPED]` and `CPU:3 [EVENTS
  /// DROPPED]` of trace-cmd.
  private mutating func addLoss(_ bytes: Bytes, _ range: Range<Int>) {
    var cursor = TextCursor(bytes, range)
    cursor.skipSpaces()
    guard cursor.skip("CPU:"), let cpu = cursor.number(), cpu <= UInt64(UInt32.max),
      cursor.skip(" [")
    else { return }
    let isKernels = cursor.skip("LOST ")
    let count = cursor.number()
    guard isKernels || cursor.says("EVENTS DROPPED") else { return }
    let place = CPU(UInt32(cpu))
    if let count {
      tally.lost[place, default: 0] += count
    } else {
      tally.uncountedLosses += 1
    }
    // The lines before stand before the loss, those behind it after.
    let time = tally.last ?? Timestamp(0)
    events.append(
      Event(time: time + Nanoseconds(1), cpu: place, thread: .idle, kind: .lost(count: count)))
  }

  mutating func append(_ later: TextPart) {
    tally.merge(later.tally)
    unclear += later.unclear
    names.merge(later.names) { first, _ in first }
    processes.merge(later.processes) { _, last in last }
    cpus.formUnion(later.cpus)
    decimals = max(decimals, later.decimals)
    hasValidity = hasValidity || later.hasValidity
    hasWakings = hasWakings || later.hasWakings
    hasSwitches = hasSwitches || later.hasSwitches
  }
}

extension TextCursor {
  /// Whether `word` stands on the rest of the line.
  func says(_ word: StaticString) -> Bool {
    var cursor = self
    while cursor.position < cursor.end {
      if cursor.skip(word) { return true }
      cursor.move(to: cursor.position + 1)
    }
    return false
  }
}
