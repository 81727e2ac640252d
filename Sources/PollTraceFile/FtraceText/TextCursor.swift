/// Walks over one line of text; every step is checked against the line's end.
struct TextCursor {
  private let bytes: Bytes
  private(set) var position: Int
  let end: Int

  init(_ bytes: Bytes, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The byte here; 0 at the end.
  @inline(__always)
  var byte: UInt8 { position < end ? bytes.load(position, as: UInt8.self) : 0 }

  @inline(__always)
  func byte(at position: Int) -> UInt8 {
    position < end ? bytes.load(position, as: UInt8.self) : 0
  }

  mutating func move(to position: Int) { self.position = min(position, end) }

  mutating func skipSpaces() {
    while byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position &+= 1 }
  }

  /// The digits here as a number; nil where there are none, or too many.
  mutating func number() -> UInt64? {
    var value: UInt64 = 0
    let start = position
    while case let digit = byte &- UInt8(ascii: "0"), digit < 10 {
      guard position &- start < 19 else { return nil }
      value = value &* 10 &+ UInt64(digit)
      position &+= 1
    }
    return position > start ? value : nil
  }

  /// Whether `word` stands here; it is stepped over.
  @inline(__always)
  mutating func skip(_ word: StaticString) -> Bool {
    guard position &+ word.utf8CodeUnitCount <= end else { return false }
    let matches = word.withUTF8Buffer { word in
      for index in 0..<word.count where unsafe word[index] != byte(at: position &+ index) {
        return false
      }
      return true
    }
    if matches { position &+= word.utf8CodeUnitCount }
    return matches
  }

  /// The number behind the next ` key`, wherever it stands; nil where it does not.
  mutating func value(of key: StaticString) -> UInt64? {
    var cursor = self
    while cursor.position < end {
      if cursor.skip(key) {
        guard let value = cursor.number() else { continue }
        position = cursor.position
        return value
      }
      cursor.position &+= 1
    }
    return nil
  }

  /// The text from `start` to `stop`.
  func text(_ start: Int, _ stop: Int) -> String {
    bytes.part(start, max(0, stop - start))?.text ?? ""
  }
}
