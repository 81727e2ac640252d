internal import PollTrace

/// How the lines of a text say what stands before an event's name, where it is not `LineContext`'s way.
///
/// One for the whole text: what one line could be read as says little.
enum LineForm: Equatable {
  /// Task, CPU, time, in whatever way: the ordinary one.
  case whole
  /// tracefs options/latency-format: `CPU 0/KV-4711      0d..2. 28701us+: `; oopses and SysRq-z as well.
  case latency
  /// The same with options/verbose.
  case verbose
  /// `perf script -F` without cpu: `CPU 0/KVM  4711  1000.915620: `.
  case noCPU
  /// `perf script -F` without time: `CPU 0/KVM  4711 [000] `.
  case noTime
  /// `perf trace`: `     0.310 CPU 0/KVM/4711 kvm:kvm_vcpu_wakeup(`.
  case perfTrace
  /// The events' own fields, as a script prints them.
  case row(RowForm)

  /// How many lines that tell of halts are looked at, and how far they are searched.
  private static let looked = 64
  private static let searched = 16 << 20

  /// The form in which most of the lines can be read that name an event of a halt.
  init(of text: Bytes) {
    let forms =
      [.whole, .latency, .verbose, .noCPU, .noTime, .perfTrace]
      + RowForm.all(for: text).map(Self.row)
    var (counts, named) = (Array(repeating: 0, count: forms.count), 0)
    var begin = 0
    while begin < min(text.count, Self.searched), named < Self.looked {
      let end = text.firstIndex(of: 0x0a, from: begin) ?? text.count
      if let name = EventText.mention(in: text, begin, end) {
        named += 1
        for (place, form) in forms.enumerated()
        where form.context(text, begin, before: name, end, interruptFlag: nil) != nil {
          counts[place] += 1
        }
      }
      begin = end + 1
    }
    let most = counts.max() ?? 0
    self = most == 0 ? .whole : forms[counts.firstIndex(of: most) ?? 0]
  }

  /// What stands before the event's name that begins at `start`, in the line from `begin` to `end`.
  func context(
    _ text: Bytes, _ begin: Int, before start: Int, _ end: Int, interruptFlag: Int?
  ) -> LineContext? {
    if self == .perfTrace { return PerfTraceLine(text, begin, name: start, end)?.context }
    if case .row(let row) = self { return row.context(text, begin, name: start, end) }
    guard var position = Self.nameBegin(text, begin, start) else { return nil }
    if self == .noTime {
      return LineContext(text, begin, before: position, Timestamp(0), 0, interruptFlag)
    }
    guard let colon = Self.colon(text, begin, &position) else { return nil }
    return context(text, begin, colon: colon, interruptFlag)
  }

  /// What stands before the colon at `colon`, where that is the one behind a time.
  func context(
    _ text: Bytes, _ begin: Int, colon: Int, _ interruptFlag: Int?
  ) -> LineContext? {
    switch self {
    case .whole: LineContext(text, begin, colon: colon, interruptFlag: interruptFlag)
    case .latency: LineContext(latency: text, begin, colon: colon, interruptFlag)
    case .verbose: LineContext(verbose: text, begin, colon: colon)
    case .noCPU: LineContext(noCPU: text, begin, colon: colon)
    case .noTime, .perfTrace, .row: nil
    }
  }

  /// Whether lines that do not say their CPU are in the order of time: of `perf trace`, and of what reads
  /// a buffer of each CPU in turn, they are not.
  var isInOrder: Bool {
    switch self {
    case .perfTrace, .row: false
    default: true
    }
  }

  /// Where the event's system and name begin, with nothing but blanks before; nil at the line's begin.
  @inline(__always)
  static func nameBegin(_ text: Bytes, _ begin: Int, _ start: Int) -> Int? {
    var position = start
    if position > begin, text.byte(position &- 1) == 0x3a {
      // The event's system, as perf prints it.
      position &-= 1
      while position > begin, !text.byte(position &- 1).isSpace { position &-= 1 }
    }
    text.skipSpacesBackward(&position, above: begin)
    return position > begin ? position : nil
  }

  /// The colon behind the time, which may have a period or a difference of times behind it.
  @inline(__always)
  static func colon(_ text: Bytes, _ begin: Int, _ position: inout Int) -> Int? {
    if text.byte(position &- 1) != 0x3a {
      if text.byte(position &- 1) == 0x29 {
        guard skipDifference(text, begin, &position) else { return nil }
      } else {
        // The period of a sample.
        guard text.numberBackward(&position, above: begin) != nil else { return nil }
      }
      text.skipSpacesBackward(&position, above: begin)
      guard position > begin, text.byte(position &- 1) == 0x3a else { return nil }
    }
    return position &- 1
  }

  /// For how many events the sample stands whose event's name begins at `start`: 1 where the line does not
  /// say it (`perf script -F period`).
  @inline(__always)
  static func period(_ text: Bytes, _ begin: Int, before start: Int) -> UInt64 {
    guard var position = nameBegin(text, begin, start), text.byte(position &- 1).digit != nil else {
      return 1
    }
    return text.numberBackward(&position, above: begin) ?? 1
  }

  /// `(+178)`, as `trace-cmd report --ts-diff` prints.
  private static func skipDifference(_ text: Bytes, _ begin: Int, _ position: inout Int) -> Bool {
    position -= 1
    guard text.numberBackward(&position, above: begin) != nil, position - 2 > begin,
      text.byte(position - 1) == 0x2b || text.byte(position - 1) == 0x2d,
      text.byte(position - 2) == 0x28
    else { return false }
    position -= 2
    return true
  }
}
