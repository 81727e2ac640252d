/// Text on its way to a file: appended piece by piece, handed on in large parts.
struct ByteText {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ byte: UInt8) { bytes.append(byte) }
  mutating func append(_ more: [UInt8]) { bytes += more }
  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends `number` in decimal.
  mutating func append(_ number: some UnsignedInteger) {
    var rest = UInt64(number)
    let begin = bytes.count
    repeat {
      bytes.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    bytes[begin...].reverse()
  }

  /// Appends `number`, or nothing: a field that is not known is empty.
  mutating func append(_ number: (some UnsignedInteger)?) {
    if let number { append(number) }
  }

  /// Ends a field of a table.
  mutating func comma() { append(0x2c) }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
