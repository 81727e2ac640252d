internal import PollTrace

/// Walks through bytes of a trace from front to back, and says where and in what they end too early.
struct SectionReader {
  private(set) var reader: ByteReader
  /// The path as the user gave it.
  let path: String
  /// Where the bytes begin in the file: for messages.
  private let origin: Int

  /// The part of `bytes` from `position` on; they begin at byte `origin` of the file at `path`.
  init(
    _ bytes: Bytes, path: String, isBigEndian: Bool, from position: Int = 0, origin: Int = 0
  ) {
    reader = ByteReader(bytes, isBigEndian: isBigEndian, from: position)
    self.path = path
    self.origin = origin
  }

  var bytes: Bytes { reader.bytes }
  /// Where it stands in the bytes.
  var position: Int { reader.position }

  /// The next integer, which belongs to `section`.
  mutating func next<Value: FixedWidthInteger & BitwiseCopyable>(
    _ section: String, _ type: Value.Type
  ) throws(TraceFileError) -> Value {
    do { return try reader.next(type) } catch { throw cut(section, error) }
  }

  /// The next `count` bytes.
  mutating func fixed(_ section: String, _ count: UInt64) throws(TraceFileError) -> Bytes {
    do { return try reader.next(count) } catch { throw cut(section, error) }
  }

  /// The text up to the next NUL.
  mutating func text(_ section: String) throws(TraceFileError) -> String {
    do { return try reader.nextString() } catch { throw cut(section, error) }
  }

  /// A length, and as many bytes.
  mutating func sized<Length: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ section: String, _ type: Length.Type
  ) throws(TraceFileError) -> Bytes {
    let length = try next("the length of \(section)", type)
    return try fixed(section, UInt64(length))
  }

  private func cut(_ section: String, _ error: ByteReader.OutOfBytes) -> TraceFileError {
    TraceFileError(
      path: path, offset: origin + error.offset,
      problem: .cutOff(section: Untrusted(section), needed: error.needed, left: error.left))
  }

  /// Something else stands at `offset` than must.
  func malformed(
    _ section: String, expected: String, found: Untrusted, at offset: Int
  ) -> TraceFileError {
    TraceFileError(
      path: path, offset: origin + offset,
      problem: .malformed(section: Untrusted(section), expected: expected, found: found))
  }

  /// The bytes between quotation marks.
  func quoted(_ bytes: Bytes) -> Untrusted { "'\(bytes.text)'" }
}
