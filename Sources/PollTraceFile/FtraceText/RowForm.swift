internal import PollTrace

/// How lines have their context where a script prints the events' own fields in an order of its own.
///
/// Something must say which number is what: labels, the columns' heads, or the tool's fixed order. Numbers
/// that nothing names are not guessed at.
enum RowForm: Equatable {
  /// `ts=36801.426298656 comm=CPU 0/KVM tid=4711 cpu=1 kvm_vcpu_wakeup ns=5 waited=1 valid=1`: bpftrace.
  case labelled
  /// Under bcc's heads: `TIME     CPU PID     TID     COMM            FUNC             -`.
  case columns([Column])
  /// `kvm__kvm_vcpu_wakeup   1 36801.426298656   4711 CPU 0/KVM   ns=5, waited=1, valid=1`: Python of
  /// `perf script -g python` (perf tools/perf/util/scripting-engines/trace-event-python.c).
  case nameFirst

  /// What a column in front of the task's name has (bcc tools/trace.py, print_event()).
  enum Column: String { case time = "TIME", cpu = "CPU", process = "PID", thread = "TID" }

  /// The ways in which lines of `text` may be read.
  static func all(for text: Bytes) -> [Self] {
    [.labelled, .nameFirst] + (columns(of: text).map { [.columns($0)] } ?? [])
  }

  /// How far a text is searched for heads of columns.
  private static let searched = 4 << 10

  /// The columns that bcc's heads name.
  private static func columns(of text: Bytes) -> [Column]? {
    let head = text.part(0, min(text.count, searched))?.text ?? ""
    for line in head.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard let name = words.firstIndex(of: "COMM"), words.dropFirst(name + 1).first == "FUNC"
      else { continue }
      let columns = words[..<name].map { Column(rawValue: $0.prefix { $0 != "(" }.description) }
      return columns.contains(.thread) ? columns.compactMap(\.self) : nil
    }
    return nil
  }

  /// What the line from `begin` to `end` says beside the event whose name begins at `start`.
  func context(_ text: Bytes, _ begin: Int, name start: Int, _ end: Int) -> LineContext? {
    switch self {
    case .labelled: LabelledLine(text, begin, name: start, end)?.context
    case .columns(let columns): Self.context(text, begin, start, columns)
    case .nameFirst: Self.context(behindNameIn: text, start, end)
    }
  }

  /// Reads the columns, of which the last is the task's name, which ends before `start`.
  private static func context(
    _ text: Bytes, _ begin: Int, _ start: Int, _ columns: [Column]
  ) -> LineContext? {
    var (position, row) = (begin, RowContext())
    for column in columns {
      text.skipSpaces(&position, below: start)
      let word = position
      while position < start, !text.byte(position).isSpace { position += 1 }
      guard row.take(text, word..<position, as: column) else { return nil }
    }
    guard var nameEnd = LineForm.nameBegin(text, position, start) else { return nil }
    text.skipSpacesBackward(&nameEnd, above: position)
    guard nameEnd > position else { return nil }
    return row.context(name: position..<nameEnd)
  }

  /// Reads ` CPU SECONDS.FRACTION TID COMM FIELDS` behind the name.
  private static func context(behindNameIn text: Bytes, _ start: Int, _ end: Int) -> LineContext? {
    guard start >= 5, text.has(Word("kvm__"), at: start - 5),
      let (name, nameEnd) = EventText.name(text, at: start),
      let fields = HaltFields.begin(name, text, nameEnd, end)
    else { return nil }
    var (position, row) = (nameEnd, RowContext())
    for column in [Column.cpu, .time, .thread] {
      text.skipSpaces(&position, below: fields)
      let word = position
      while position < fields, !text.byte(position).isSpace { position += 1 }
      guard row.take(text, word..<position, as: column) else { return nil }
    }
    var taskEnd = fields
    text.skipSpacesBackward(&taskEnd, above: position)
    guard taskEnd > position else { return nil }
    return row.context(name: position..<taskEnd)
  }
}

/// What is known of a line's context, word by word.
struct RowContext {
  private var time: (Timestamp, fraction: Int)?
  private var cpu = CPU.unknown
  private var thread: ThreadID?
  private var process: ProcessID?

  /// Takes the word at `place` for what stands in `column`; false where it cannot be that, or comes again.
  mutating func take(_ text: Bytes, _ place: Range<Int>, as column: RowForm.Column) -> Bool {
    if column == .time {
      var position = place.upperBound
      // A time of day in seconds (bcc's -T) tells no order.
      let isOfDay = place.contains { text.byte($0) == 0x3a }
      guard time == nil else { return false }
      if isOfDay { return true }
      time = LineContext.time(text, &position, above: place.lowerBound)
      return time != nil && position == place.lowerBound
    }
    var position = place.lowerBound
    guard let number = text.number(&position, below: place.upperBound),
      position == place.upperBound,
      let value = Int32(exactly: number)
    else { return false }
    switch column {
    case .cpu:
      guard cpu == .unknown, value < 1 << 16 else { return false }
      cpu = CPU(UInt32(value))
    case .process:
      guard process == nil else { return false }
      process = ProcessID(value)
    case .thread:
      guard thread == nil else { return false }
      thread = ThreadID(value)
    case .time: return false
    }
    return true
  }

  /// Takes the number in `place` for nanoseconds.
  mutating func takeNanoseconds(_ text: Bytes, _ place: Range<Int>) -> Bool {
    var position = place.lowerBound
    guard time == nil, let number = text.number(&position, below: place.upperBound),
      position == place.upperBound
    else { return false }
    time = (Timestamp(number), 9)
    return true
  }

  /// All that is known; nil where there is no thread.
  ///
  /// A process alone may be a thread all the same.
  func context(name: Range<Int>?) -> LineContext? {
    guard let thread = thread ?? process.map({ ThreadID($0.rawValue) }) else { return nil }
    var context = LineContext(
      time: time?.0 ?? Timestamp(0), fraction: time?.fraction ?? 0, cpu: cpu, thread: thread,
      process: self.thread == nil ? nil : process, waking: .unknown, nameEnd: name?.upperBound ?? 0)
    context.nameBegin = name?.lowerBound ?? 0
    context.isAlone = self.thread == nil
    context.hasTime = time != nil
    return context
  }
}
