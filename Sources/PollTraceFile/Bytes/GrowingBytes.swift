/// Bytes that are written piece by piece; what was lent before stays as it is.
struct GrowingBytes {
  private var buffer: OwnedBuffer
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = max(64, capacity)
    buffer = OwnedBuffer(capacity: self.capacity)
  }

  /// All that was written.
  var bytes: Bytes {
    unsafe Bytes(UnsafeRawBufferPointer(rebasing: buffer.bytes[0..<count]), owner: buffer)
  }

  /// Has `body` write behind what is there, `most` bytes or fewer; it gives back how many.
  mutating func write(atMost most: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
    if count + most > capacity { move(from: 0, capacity: max(count + most, 2 * capacity)) }
    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[count..<count + most])
    count += unsafe min(max(0, body(room)), most)
  }

  /// Forgets the first `length` bytes.
  mutating func drop(_ length: Int) { move(from: min(max(0, length), count), capacity: capacity) }

  private mutating func move(from start: Int, capacity: Int) {
    let kept = OwnedBuffer(capacity: capacity)
    unsafe kept.bytes.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: buffer.bytes[start..<count]))
    (buffer, count, self.capacity) = (kept, count - start, capacity)
  }
}
