internal import PollTrace

/// A line whose words say what they are: `nsecs=36801426298656 comm=CPU 0/KVM tid=4711 cpu=1`.
struct LabelledLine {
  let context: LineContext

  private static let labels: [(Word, RowForm.Column?)] = [
    (Word("tid"), .thread), (Word("thread"), .thread), (Word("pid"), .process),
    (Word("tgid"), .process), (Word("cpu"), .cpu), (Word("comm"), nil), (Word("time"), .time),
    (Word("ts"), .time), (Word("timestamp"), .time), (Word("nsecs"), .time),
    (Word("elapsed"), .time),
  ]
  private static let nsecs = Word("nsecs"), elapsed = Word("elapsed")

  /// The line from `begin` to `end`; nil where nothing says the thread, or something is said twice.
  init?(_ text: Bytes, _ begin: Int, name start: Int, _ end: Int) {
    guard let (name, nameEnd) = EventText.name(text, at: start),
      let fields = HaltFields.begin(name, text, nameEnd, end)
    else { return nil }
    var row = RowContext()
    var task: Range<Int>?
    var position = begin
    while let label = Self.next(text, &position, fields) {
      // A name may have blanks in it: it goes on to the next label, or to the event.
      if label.column == nil {
        guard task == nil else { return nil }
        var next = position
        let taskEnd = Self.next(text, &next, fields)?.begin ?? (position < start ? start : fields)
        guard let trimmed = Self.trimmed(text, position, taskEnd, event: start) else { return nil }
        task = position..<trimmed
        position = trimmed
        continue
      }
      let word = position
      while position < fields, text.byte(position).digit != nil || text.byte(position) == 0x2e {
        position += 1
      }
      guard let column = label.column, EventText.ends(text, position, end) else { return nil }
      let isCounted =
        label.word.count == Self.nsecs.count && text.has(Self.nsecs, at: label.begin)
        || label.word.count == Self.elapsed.count && text.has(Self.elapsed, at: label.begin)
      let isTaken =
        isCounted
        ? row.takeNanoseconds(text, word..<position) : row.take(text, word..<position, as: column)
      guard isTaken else { return nil }
    }
    guard let context = row.context(name: task) else { return nil }
    self.context = context
  }

  /// The next label before `end`; `position` moves behind its sign.
  private static func next(
    _ text: Bytes, _ position: inout Int, _ end: Int
  ) -> (word: Word, column: RowForm.Column?, begin: Int)? {
    var place = position
    while place < end {
      guard place == 0 || EventText.ends(text, place - 1, end) else {
        place += 1
        continue
      }
      for (word, column) in labels where text.has(word, at: place) {
        var sign = place + word.count
        guard text.byte(sign) == 0x3d || text.byte(sign) == 0x3a else { continue }
        sign += 1
        text.skipSpaces(&sign, below: end)
        position = sign
        return (word, column, place)
      }
      place += 1
    }
    return nil
  }

  /// Where a task's name that begins at `start` and has what follows at `end` ends; nil where there is none.
  private static func trimmed(
    _ text: Bytes, _ start: Int, _ end: Int, event: Int
  ) -> Int? {
    var last = end
    if end == event, let begin = LineForm.nameBegin(text, start, event) { last = begin }
    while last > start,
      text.byte(last - 1).isSpace || [0x2c, 0x3b, 0x7c, 0x22].contains(text.byte(last - 1))
    {
      last -= 1
    }
    return last > start ? last : nil
  }
}
