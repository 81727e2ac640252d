/// Text of 16-bit units, as shells on Windows redirect it.
enum UTF16Text {
  /// How `text` is encoded: by its byte order mark, else by zeros in every other byte of its beginning.
  static func encoding(of text: Bytes) -> TextCleaning {
    switch (text.byte(0), text.byte(1)) {
    case (0xff, 0xfe): return .utf16Little
    case (0xfe, 0xff): return .utf16Big
    default: break
    }
    let looked = min(text.count, 64) & ~1
    guard looked >= 16 else { return [] }
    let zeros = (0..<looked).filter { text.byte($0) == 0 }
    // Trace lines are of ASCII; nearly: a name may be in other letters.
    guard zeros.count * 8 >= looked * 3 else { return [] }
    if zeros.allSatisfy({ $0 & 1 == 1 }) { return .utf16Little }
    return zeros.allSatisfy { $0 & 1 == 0 } ? .utf16Big : []
  }

  /// `bytes` as UTF-8, without the mark.
  static func decoded(_ bytes: [UInt8], _ encoding: TextCleaning) -> [UInt8] {
    let low = encoding.contains(.utf16Little) ? 0 : 1
    let units = stride(from: 0, to: bytes.count & ~1, by: 2).map {
      UInt16(bytes[$0 + low]) | UInt16(bytes[$0 + 1 - low]) << 8
    }
    let text = String(decoding: units, as: UTF16.self)
    return Array((text.first == "\u{feff}" ? text.dropFirst() : text[...]).utf8)
  }
}
