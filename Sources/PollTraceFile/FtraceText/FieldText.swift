/// The fields of an event one by one: `ns=94651 waited=1`, `ns=0xc3c2 (50114) waited=(1)` of tracefs
/// options/fields, `(ns: 94651, waited: 1)` of `perf trace`.
struct FieldText {
  /// One field.
  struct Field {
    fileprivate let text: Bytes
    fileprivate let name: Range<Int>
    let value: UInt64

    func isCalled(_ word: Word) -> Bool {
      name.count == word.count && text.has(word, at: name.lowerBound)
    }
  }

  private let text: Bytes
  private var position: Int
  private let end: Int
  /// Whether the fields went on to where something else begins, and no value was cut.
  private(set) var isWhole = true

  init(_ text: Bytes, _ start: Int, _ end: Int) {
    (self.text, position, self.end) = (text, start, end)
  }

  /// The next field; nil behind the last one.
  mutating func next() -> Field? {
    while position < end, Self.isBetween(text.byte(position)) { position += 1 }
    let start = position
    while position < end, !EventText.ends(text, position, end) { position += 1 }
    let name = start..<position
    // `.ns = 94651`, as bpftrace prints all arguments.
    if start > 0, text.byte(start - 1) == 0x2e { text.skipSpaces(&position, below: end) }
    guard !name.isEmpty, position < end, text.byte(position) == 0x3d || text.byte(position) == 0x3a
    else {
      // A name at the end of the line has lost its value.
      if !name.isEmpty, position == end { isWhole = false }
      return nil
    }
    position += 1
    text.skipSpaces(&position, below: end)
    guard let value = value() else {
      isWhole = false
      return nil
    }
    return Field(text: text, name: name, value: value)
  }

  /// What parts fields: blanks, commas, and bpftrace's braces and points.
  private static func isBetween(_ byte: UInt8) -> Bool {
    byte.isSpace || byte == 0x2c || byte == 0x2e || byte == 0x7b
  }

  /// `94651`, `0xc3c2`, `0xc3c2 (50114)`, `(1)`.
  private mutating func value() -> UInt64? {
    if text.byte(position) == 0x28 { return inParentheses() }
    guard text.byte(position) == 0x30, text.byte(position + 1) == 0x78 else {
      let value = text.number(&position, below: end)
      return EventText.ends(text, position, end) ? value : nil
    }
    position += 2
    let start = position
    var value: UInt64 = 0
    while position < end, let digit = text.byte(position).hexDigit {
      value = value << 4 | digit
      position += 1
    }
    guard 1...16 ~= position - start, EventText.ends(text, position, end) else { return nil }
    guard text.byte(position) == 0x20, text.byte(position + 1) == 0x28 else { return value }
    position += 1
    return inParentheses()
  }

  private mutating func inParentheses() -> UInt64? {
    position += 1
    guard let value = text.number(&position, below: end), position < end,
      text.byte(position) == 0x29
    else { return nil }
    position += 1
    return value
  }
}
