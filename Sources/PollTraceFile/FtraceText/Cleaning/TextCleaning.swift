/// What lies around the lines of a trace that was sent, copied, coloured or quoted.
///
/// It is told from a sample of the text and taken off all of it before lines are read: a plain text costs
/// no more than the sample.
struct TextCleaning: OptionSet {
  var rawValue: UInt16

  static let utf16Little = Self(rawValue: 1 << 0)
  static let utf16Big = Self(rawValue: 1 << 1)
  /// A carriage return alone ends lines.
  static let returns = Self(rawValue: 1 << 2)
  /// A line is a JSON object with the text as one of its values.
  static let json = Self(rawValue: 1 << 3)
  /// Entities and tags of HTML.
  static let markup = Self(rawValue: 1 << 4)
  /// Escape sequences of terminals.
  static let escapes = Self(rawValue: 1 << 5)
  /// Spaces other than ASCII's, and characters without width.
  static let spaces = Self(rawValue: 1 << 6)
  /// Each line stands in quotes.
  static let quotes = Self(rawValue: 1 << 7)
  static let utf32Little = Self(rawValue: 1 << 8)
  static let utf32Big = Self(rawValue: 1 << 9)
  /// Text of wider units than bytes.
  private static let wide: Self = [.utf16Little, .utf16Big, .utf32Little, .utf32Big]

  /// How much of a text is looked at.
  private static let sample = 64 << 10

  init(rawValue: UInt16) { self.rawValue = rawValue }

  /// What the beginning of `text` needs.
  init(_ text: Bytes) {
    let sample = text.part(0, min(text.count, Self.sample)) ?? text
    self = WideText.encoding(of: sample)
    guard isEmpty else {
      formUnion(Self(lines: Bytes(WideText.decoded(sample.array, self))))
      return
    }
    self = Self(lines: sample)
  }

  private init(lines text: Bytes) {
    self = []
    var begin = 0
    while begin < text.count {
      let end = text.firstIndex(of: 0x0a, from: begin) ?? text.count
      formUnion(Self(line: text, begin, end))
      begin = end + 1
    }
  }

  /// What the line of `text` from `begin` to `end` needs.
  init(line text: Bytes, _ begin: Int, _ end: Int) {
    self = []
    for place in begin..<end {
      switch text.byte(place) {
      case 0x1b, 0x07, 0x08: insert(.escapes)
      case 0x5b where EscapeSequences.isBare(text, place): insert(.escapes)
      case 0x5e where text.byte(place + 1) == 0x5b && text.byte(place + 2) == 0x5b: insert(.escapes)
      case 0xc2, 0xe2, 0xe3, 0xef:
        if SpaceCharacters.length(text.byte(place), text.byte(place + 1), text.byte(place + 2)) > 0
        {
          insert(.spaces)
        }
      case 0x0d where place + 1 < end && text.byte(place + 1) != 0x0d: insert(.returns)
      case 0x26, 0x3c: if Markup.begins(text, place, below: end) { insert(.markup) }
      default: break
      }
    }
    if QuotedLines.isQuoted(text, begin, end) { insert(.quotes) }
    if JSONLines.isObject(text, begin, end) { formUnion([.json, .escapes]) }
  }

  /// `text` without all this.
  func cleaned(_ text: Bytes) -> Bytes {
    guard !isEmpty else { return text }
    var bytes = text.array
    if !isDisjoint(with: Self.wide) { bytes = WideText.decoded(bytes, self) }
    if contains(.returns) { Self.endLines(&bytes) }
    if contains(.json) { bytes = JSONLines.texts(in: bytes) }
    if contains(.markup) { bytes = Markup.removed(from: bytes) }
    if contains(.escapes) { bytes = EscapeSequences.removed(from: bytes) }
    if contains(.spaces) { bytes = SpaceCharacters.replaced(in: bytes) }
    if contains(.quotes) { bytes = QuotedLines.unquoted(bytes) }
    return Bytes(bytes)
  }

  /// Has a line feed wherever a carriage return stands alone.
  private static func endLines(_ bytes: inout [UInt8]) {
    for place in bytes.indices where bytes[place] == 0x0d {
      let next = place + 1 < bytes.count ? bytes[place + 1] : 0
      if next != 0x0a, next != 0x0d { bytes[place] = 0x0a }
    }
  }
}

extension Bytes {
  /// All of them.
  var array: [UInt8] { (0..<count).map { byte($0) } }
}
