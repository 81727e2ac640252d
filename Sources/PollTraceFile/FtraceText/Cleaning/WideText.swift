/// Text of 16-bit units, as shells on Windows redirect it, or of 32-bit units.
enum WideText {
  /// How `text` is encoded: by its byte order mark, else by the zeros in its beginning.
  static func encoding(of text: Bytes) -> TextCleaning {
    switch (text.byte(0), text.byte(1), text.byte(2), text.byte(3)) {
    case (0xff, 0xfe, 0, 0): return .utf32Little
    case (0, 0, 0xfe, 0xff): return .utf32Big
    case (0xff, 0xfe, _, _): return .utf16Little
    case (0xfe, 0xff, _, _): return .utf16Big
    default: break
    }
    let looked = min(text.count, 64) & ~3
    guard looked >= 16 else { return [] }
    let zeros = (0..<looked).filter { text.byte($0) == 0 }
    // Trace lines are of ASCII; nearly: a name may be in other letters.
    if zeros.count * 8 >= looked * 5 {
      if zeros.allSatisfy({ $0 & 3 != 0 }) { return .utf32Little }
      return zeros.allSatisfy { $0 & 3 != 3 } ? .utf32Big : []
    }
    guard zeros.count * 8 >= looked * 3 else { return [] }
    if zeros.allSatisfy({ $0 & 1 == 1 }) { return .utf16Little }
    return zeros.allSatisfy { $0 & 1 == 0 } ? .utf16Big : []
  }

  /// `bytes` as UTF-8, without the mark.
  static func decoded(_ bytes: [UInt8], _ encoding: TextCleaning) -> [UInt8] {
    let isBig = !encoding.isDisjoint(with: [.utf16Big, .utf32Big])
    let text =
      encoding.isDisjoint(with: [.utf32Little, .utf32Big])
      ? String(decoding: units(bytes, isBig) as [UInt16], as: UTF16.self)
      : String(decoding: units(bytes, isBig) as [UInt32], as: UTF32.self)
    return Array((text.first == "\u{feff}" ? text.dropFirst() : text[...]).utf8)
  }

  /// The whole units in `bytes`.
  private static func units<Unit: FixedWidthInteger>(_ bytes: [UInt8], _ isBig: Bool) -> [Unit] {
    let width = Unit.bitWidth / 8
    return (0..<bytes.count / width).map { unit in
      (0..<width).reduce(0) { value, place in
        let shift = 8 * (isBig ? width - 1 - place : place)
        return value | Unit(bytes[unit * width + place]) << Unit(shift)
      }
    }
  }
}
