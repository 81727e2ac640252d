/// Records that `perf record -z` compressed: one stream over all the records that hold it.
struct PerfInflation {
  private let decompressor = Decompressor(.zstd)
  /// What was decompressed and not yet read.
  private var output = GrowingBytes(capacity: 1 << 19)
  private var total = 0
  /// The most that the stream may come to.
  private let most: Int
  private var isDamaged = false
  /// What is wrong with the part that was given last.
  private(set) var problem: String?

  init(most: Int) { self.most = most }

  /// How many bytes wait for more.
  var left: Int { output.count }

  /// What there is to read after some more of `part`, from `position` on, was decompressed; nil
  /// where nothing more comes out of it.
  mutating func next(_ part: Bytes, _ position: inout Int) -> Bytes? {
    problem = nil
    guard !isDamaged, let decompressor else {
      problem = "expected compressed records, found what cannot follow the damage before"
      return nil
    }
    let (positionBefore, countBefore) = (position, output.count)
    switch decompressor.step(part, &position, into: &output) {
    case .going, .ended: break
    case .damaged:
      isDamaged = true
      problem = "expected compressed records, found damage"
    }
    let count = output.count - countBefore
    total += count
    if total > most {
      isDamaged = true
      problem = "expected at most \(most) bytes of compressed records, found more"
    }
    if count == 0, position == positionBefore || isDamaged { return nil }
    return output.bytes
  }

  /// The first `length` bytes were read.
  mutating func drop(_ length: Int) { output.drop(length) }
}
