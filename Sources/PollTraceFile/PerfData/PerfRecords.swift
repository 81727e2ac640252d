/// Walks through records, unpacking those that are compressed on the way.
///
/// linux tools/perf/util/event.h `enum perf_user_event_type`. Compressed records hold pieces of one
/// zstd stream; what it unpacks to are records again, which may begin in one piece and end in another.
struct PerfRecords {
  enum Kind {
    static let lost: UInt32 = 2
    static let comm: UInt32 = 3
    static let sample: UInt32 = 9
    static let lostSamples: UInt32 = 13
    static let attribute: UInt32 = 64
    static let tracingData: UInt32 = 66
    static let finishedRound: UInt32 = 68
    static let feature: UInt32 = 80
    static let compressed: UInt32 = 81
    static let compressed2: UInt32 = 83
  }

  /// What stopped the walk before the end.
  struct Damage: Error {
    var offset: Int
    var found: String
  }

  let isBigEndian: Bool

  /// Hands each record in `range` of `file` to `take`, header included, with where it begins; records
  /// that `take` says are followed by so many bytes of their own are given those skipped.
  func walk(
    _ file: Bytes, _ range: Range<Int>,
    _ take: (UInt32, Bytes, Int, Int) -> Int
  ) -> Damage? {
    let stream = ZstdStream()
    var rest: [UInt8] = []
    var position = range.lowerBound
    while position + 8 <= range.upperBound {
      let kind = order(file.load(position, as: UInt32.self))
      let size = Int(order(file.load(position + 6, as: UInt16.self)))
      guard size >= 8 else {
        return Damage(offset: position, found: "a record of \(size) bytes, at least 8 expected")
      }
      guard position + size <= range.upperBound else {
        return Damage(
          offset: position,
          found: "a record of \(size) bytes, \(range.upperBound - position) left")
      }
      switch kind {
      case Kind.compressed, Kind.compressed2:
        // The second kind says how much of it is data, the rest is padding.
        let begin = kind == Kind.compressed ? 8 : 16
        let stated =
          kind == Kind.compressed
          ? size - 8 : Int(clamping: order(file.load(position + 8, as: UInt64.self)))
        guard size >= begin,
          let part = file.part(position + begin, min(stated, size - begin)),
          let plain = stream.unpack(part)
        else { return Damage(offset: position, found: "zstd data that cannot be unpacked") }
        rest += plain
        if let damage = walkUnpacked(&rest, at: position, take) { return damage }
        position += size
      default:
        position += size + take(kind, file, position, size)
      }
    }
    return position >= range.upperBound
      ? nil : Damage(offset: position, found: "\(range.upperBound - position) bytes, 8 expected")
  }

  /// The whole records among unpacked bytes; what is left of the last one waits for more.
  private func walkUnpacked(
    _ rest: inout [UInt8], at offset: Int, _ take: (UInt32, Bytes, Int, Int) -> Int
  ) -> Damage? {
    let bytes = Bytes(rest)
    var position = 0
    while position + 8 <= bytes.count {
      let size = Int(order(bytes.load(position + 6, as: UInt16.self)))
      guard size >= 8 else {
        return Damage(offset: offset, found: "an unpacked record of \(size) bytes")
      }
      guard position + size <= bytes.count else { break }
      _ = take(order(bytes.load(position, as: UInt32.self)), bytes, position, size)
      position += size
    }
    rest.removeFirst(position)
    return nil
  }

  func order<Value: FixedWidthInteger>(_ value: Value) -> Value {
    isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
  }
}
