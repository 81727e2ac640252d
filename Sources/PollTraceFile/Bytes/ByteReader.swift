/// Walks through bytes from front to back, in the file's byte order; every read is checked.
struct ByteReader {
  /// A read that goes beyond the end.
  struct OutOfBytes: Error, Hashable {
    var offset: Int
    var needed: UInt64
    var left: UInt64
  }

  let bytes: Bytes
  let isBigEndian: Bool
  private(set) var position: Int

  init(_ bytes: Bytes, isBigEndian: Bool, from position: Int = 0) {
    self.bytes = bytes
    self.isBigEndian = isBigEndian
    self.position = min(max(0, position), bytes.count)
  }

  /// How many bytes are left.
  var left: Int { bytes.count - position }

  /// The next integer.
  mutating func next<Value: FixedWidthInteger & BitwiseCopyable>(
    _: Value.Type
  ) throws(OutOfBytes) -> Value {
    let size = MemoryLayout<Value>.size
    guard left >= size else {
      throw OutOfBytes(offset: position, needed: UInt64(size), left: UInt64(left))
    }
    defer { position += size }
    let value = bytes.load(position, as: Value.self)
    return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
  }

  /// The next `count` bytes, a count as the file has it.
  mutating func next(_ count: UInt64) throws(OutOfBytes) -> Bytes {
    guard count <= UInt64(left), let part = bytes.part(position, Int(count)) else {
      throw OutOfBytes(offset: position, needed: count, left: UInt64(left))
    }
    position += Int(count)
    return part
  }

  /// The text up to the next NUL, which is skipped.
  mutating func nextString() throws(OutOfBytes) -> String {
    guard let end = bytes.firstIndex(of: 0, from: position) else {
      throw OutOfBytes(offset: position, needed: UInt64(left) + 1, left: UInt64(left))
    }
    let text = bytes.part(position, end - position)?.text ?? ""
    position = end + 1
    return text
  }
}
