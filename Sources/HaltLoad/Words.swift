/// Little-endian numbers and texts in bytes; nil beyond their end.
struct Words {
  var bytes: [UInt8]

  func word32(at offset: Int) -> Int? { number(at: offset, size: 4).map { Int($0) } }

  func word64(at offset: Int) -> UInt64? { number(at: offset, size: 8) }

  /// Up to the first zero.
  func text(at offset: Int, atMost size: Int) -> String? {
    guard offset >= 0, offset + size <= bytes.count else { return nil }
    return String(decoding: bytes[offset..<(offset + size)].prefix { $0 != 0 }, as: UTF8.self)
  }

  private func number(at offset: Int, size: Int) -> UInt64? {
    guard offset >= 0, offset + size <= bytes.count else { return nil }
    return bytes[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
