/// Bytes being written in one byte order.
struct ByteWriter {
  let isBigEndian: Bool
  private(set) var bytes: [UInt8] = []

  init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

  var count: Int { bytes.count }

  mutating func add<Value: FixedWidthInteger>(_ value: Value) {
    bytes += encoded(value)
  }

  mutating func add(_ bytes: [UInt8]) { self.bytes += bytes }

  /// Text with a NUL behind it.
  mutating func add(text: String) { bytes += Array(text.utf8) + [0] }

  /// A length of 8 bytes and then the content.
  mutating func add(sized content: [UInt8]) {
    add(UInt64(content.count))
    bytes += content
  }

  /// Fills up to the next multiple of `size`.
  mutating func pad(to size: Int) {
    bytes += Array(repeating: 0, count: (size - bytes.count % size) % size)
  }

  /// Overwrites what stands at `offset`.
  mutating func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    bytes.replaceSubrange(offset..<offset + Value.bitWidth / 8, with: encoded(value))
  }

  private func encoded<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    let size = Value.bitWidth / 8
    return (0..<size).map { byte in
      let shift = (isBigEndian ? size - 1 - byte : byte) * 8
      return UInt8(truncatingIfNeeded: value >> Value(shift))
    }
  }
}
