/// A stretch of bytes that somebody owns: the one checked reader of a file's content.
///
/// Holding it keeps the owner alive. No read goes beyond the end: what does not lie inside reads as
/// zero or nil, so that no content can make the process fail; callers compare with `count` first
/// and say what is damaged.
@safe struct Bytes: @unchecked Sendable {
  /// How many bytes.
  let count: Int
  /// At how many offsets eight bytes begin: an integer of any size can be read there.
  private let words: UInt
  private let base: UnsafeRawPointer
  private let owner: AnyObject

  /// The bytes at `base`, which live as long as `owner`.
  init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) {
    // An empty stretch has no address; its owner's serves, as no byte of it is ever read.
    unsafe base =
      bytes.baseAddress
      ?? UnsafeRawPointer(Unmanaged.passUnretained(owner).toOpaque())
    count = bytes.count
    words = UInt(max(0, bytes.count - 7))
    self.owner = owner
  }

  /// Bytes of its own, filled by `body`, which gives back how many it has written.
  init(capacity: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
    let buffer = OwnedBuffer(capacity: capacity)
    let count = unsafe min(max(0, body(buffer.bytes)), capacity)
    unsafe self.init(UnsafeRawBufferPointer(rebasing: buffer.bytes[0..<count]), owner: buffer)
  }

  /// A copy of `bytes`.
  init(_ bytes: [UInt8]) {
    unsafe self.init(capacity: bytes.count) { room in
      unsafe room.copyBytes(from: bytes)
      return bytes.count
    }
  }

  private init(base: UnsafeRawPointer, count: Int, owner: AnyObject) {
    unsafe self.base = base
    self.count = count
    words = UInt(max(0, count - 7))
    self.owner = owner
  }

  /// The integer at `offset`, in the machine's byte order; 0 where it would go beyond the end.
  @inline(__always)
  func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, as _: Value.Type = Value.self
  ) -> Value {
    // One comparison: a negative offset is a huge one.
    if UInt(bitPattern: offset) < words {
      return unsafe base.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
    return last(offset)
  }

  /// An integer of which no eight bytes are left from `offset` on.
  private func last<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Value {
    guard offset >= 0, offset <= count &- MemoryLayout<Value>.size else { return 0 }
    return unsafe base.loadUnaligned(fromByteOffset: offset, as: Value.self)
  }

  /// The part from `offset` on, `length` bytes long; nil where it would go beyond the end.
  func part(_ offset: Int, _ length: Int) -> Bytes? {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
    return unsafe Bytes(base: base + offset, count: length, owner: owner)
  }

  /// Where the first byte of value `byte` from `offset` on lies.
  func firstIndex(of byte: UInt8, from offset: Int) -> Int? {
    guard offset >= 0 else { return nil }
    let wanted = UInt64(byte) &* 0x0101_0101_0101_0101
    var position = offset
    // Eight at a time: the lowest byte that is 0 after the exclusive or is the first one found.
    while position &+ 8 <= count {
      let word = UInt64(littleEndian: load(position)) ^ wanted
      let found = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      if found != 0 { return position &+ found.trailingZeroBitCount / 8 }
      position &+= 8
    }
    while position < count {
      if load(position, as: UInt8.self) == byte { return position }
      position &+= 1
    }
    return nil
  }

  /// The bytes as text; what is not UTF-8 is replaced.
  var text: String {
    unsafe String(decoding: UnsafeRawBufferPointer(start: base, count: count), as: UTF8.self)
  }

  /// Whether they begin as `start` does.
  func starts(with start: [UInt8]) -> Bool {
    start.indices.allSatisfy { $0 < count && load($0, as: UInt8.self) == start[$0] }
  }

  /// Whether `text` stands `length` bytes behind `start`.
  func begins(with text: String, at length: UInt64, from start: Int) -> Bool {
    guard length <= UInt64(count), let part = part(start + Int(length), text.utf8.count) else {
      return false
    }
    return part.starts(with: Array(text.utf8))
  }

  /// Where `text` first begins in the `most` bytes from `start` on.
  func find(_ text: String, from start: Int, within most: Int) -> Int? {
    let wanted = Array(text.utf8)
    guard let first = wanted.first else { return nil }
    var position = start
    while let found = firstIndex(of: first, from: position), found - start < most {
      if part(found, wanted.count).map({ $0.starts(with: wanted) }) ?? false { return found }
      position = found + 1
    }
    return nil
  }

  /// Lends the bytes to a C function.
  func lend<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe body(UnsafeRawBufferPointer(start: base, count: count))
  }
}

/// Memory of one's own behind some bytes.
@safe final class OwnedBuffer: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  init(capacity: Int) {
    unsafe bytes = .allocate(byteCount: max(1, capacity), alignment: 16)
  }
  deinit { unsafe bytes.deallocate() }
}
