/// Spaces other than ASCII's, which web pages and word processors put in, and characters without width.
enum SpaceCharacters {
  /// The length in bytes of the space or empty character that begins with these; 0 where it is none.
  static func length(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
    switch (first, second, third) {
    // U+00A0; U+2000 to U+200D; U+202F; U+205F and U+2060; U+3000; U+FEFF.
    case (0xc2, 0xa0, _): 2
    case (0xe2, 0x80, 0x80...0x8d), (0xe2, 0x80, 0xaf), (0xe2, 0x81, 0x9f...0xa0): 3
    case (0xe3, 0x80, 0x80), (0xef, 0xbb, 0xbf): 3
    default: 0
    }
  }

  /// Whether the character takes no room.
  private static func isEmpty(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
    first == 0xef || first == 0xe2 && (second, third) == (0x81, 0xa0)
      || first == 0xe2 && second == 0x80 && 0x8b...0x8d ~= third
  }

  /// `bytes` with a space for each space, and nothing for what has no width.
  static func replaced(in bytes: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      let (first, second, third) = (bytes[place], bytes.byte(place + 1), bytes.byte(place + 2))
      let length = length(first, second, third)
      if length == 0 {
        kept.append(first)
      } else if !isEmpty(first, second, third) {
        kept.append(0x20)
      }
      place += max(1, length)
    }
    return kept
  }
}
