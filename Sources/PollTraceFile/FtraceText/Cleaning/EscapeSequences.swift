/// Escape sequences of terminals (ECMA-48): colours of grep and pagers, titles and keys in logs of
/// `script`; also those whose escape character was lost on the way, or is written `^[`.
enum EscapeSequences {
  /// Whether a colour without its escape character begins at `place`, where a `[` stands: `[01;31m`, or
  /// the `[m[K` that ends grep's.
  static func isBare(_ text: Bytes, _ place: Int) -> Bool {
    bareLength { text.byte(place + $0) } != nil
  }

  /// The length of such a colour, whose bytes `byte` gives.
  private static func bareLength(_ byte: (Int) -> UInt8) -> Int? {
    var end = 1
    while end < 12, byte(end).isParameter { end += 1 }
    guard byte(end) == 0x6d else { return nil }
    let erases = byte(end + 1) == 0x5b && byte(end + 2) == 0x4b
    return end > 1 || erases ? end + (erases ? 3 : 1) : nil
  }

  static func removed(from bytes: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      if let end = end(of: bytes, place) {
        // What is struck over is bold or underlined, or was typed wrong.
        if bytes[place] == 0x08, let last = kept.last, last >= 0x20 { kept.removeLast() }
        place = end
      } else {
        kept.append(bytes[place])
        place += 1
      }
    }
    return kept
  }

  /// The end of the sequence that begins at `place`; nil where none does.
  private static func end(of bytes: [UInt8], _ place: Int) -> Int? {
    switch bytes[place] {
    case 0x07, 0x08: return place + 1
    case 0x1b: return sequenceEnd(bytes, place + 1)
    case 0x5e where bytes.byte(place + 1) == 0x5b && bytes.byte(place + 2) == 0x5b:
      // As `cat -v` shows them.
      return controlEnd(bytes, place + 3)
    case 0x5b: return bareLength { bytes.byte(place + $0) }.map { place + $0 }
    default: return nil
    }
  }

  /// The end of what stands behind an escape character.
  private static func sequenceEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var place = start
    switch bytes.byte(place) {
    case 0x5b: return controlEnd(bytes, place + 1) ?? place + 1
    case 0x5d, 0x50, 0x58, 0x5e, 0x5f:
      // A string, up to BEL or ESC \; never beyond its line.
      while place < bytes.count, bytes[place] != 0x07, bytes[place] != 0x1b, bytes[place] != 0x0a {
        place += 1
      }
      if bytes.byte(place) == 0x1b, bytes.byte(place + 1) == 0x5c { return place + 2 }
      return bytes.byte(place) == 0x07 ? place + 1 : place
    default:
      while bytes.byte(place) & 0xf0 == 0x20 { place += 1 }
      return min(bytes.count, bytes.byte(place) >= 0x30 ? place + 1 : place)
    }
  }

  /// The end of a control sequence whose parameters begin at `start`; nil where it is none.
  private static func controlEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
    var place = start
    while bytes.byte(place) & 0xf0 == 0x30 { place += 1 }
    while bytes.byte(place) & 0xf0 == 0x20 { place += 1 }
    return 0x40...0x7e ~= bytes.byte(place) ? place + 1 : nil
  }
}

extension [UInt8] {
  /// The byte at `place`; 0 beyond the end.
  func byte(_ place: Int) -> UInt8 { place < count ? self[place] : 0 }
}

extension UInt8 {
  /// Digits and what parts them in the parameters of a colour.
  fileprivate var isParameter: Bool { digit != nil || self == 0x3b || self == 0x3a }
}
