/// The compressed chunks of one CPU's data, found by walking them.
struct ChunkTable {
  /// Where a chunk's compressed bytes lie, how many they are, and what they come to.
  struct Entry {
    var offset: Int
    var compressedSize: Int
    var size: Int
  }

  private(set) var chunks: [Entry] = []
  /// What ended the walk before its time, and where.
  private(set) var damage: (offset: Int, words: String)?

  /// The chunks at the begin of `bytes`, which may go on behind them; `stated` bytes is what the
  /// file says they take.
  ///
  /// On big-endian hosts trace-cmd wrote the high halves of the count and of all sizes, which are 0
  /// (until f339229f), and the count in the host's byte order, not the file's. Then the chunks tell
  /// their sizes, and the stated size their end.
  init(in bytes: Bytes, stated: UInt64, _ compression: Compression, isBigEndian: Bool) {
    var reader = ByteReader(bytes, isBigEndian: isBigEndian)
    guard var announced = try? reader.next(UInt32.self) else {
      damage = (0, "expected a count of chunks, found \(bytes.count) bytes")
      return
    }
    let most = UInt64(bytes.count) / 8
    let swapped = announced.byteSwapped
    if UInt64(announced) > most, UInt64(swapped) <= most { announced = swapped }
    let isCounted = announced > 0
    let end = Int(min(stated, UInt64(bytes.count)))
    while isCounted ? chunks.count < announced : reader.position + 8 < end {
      let start = reader.position
      if chunks.count == swapped, start >= end { return }
      guard var entry = Self.entry(&reader) else {
        damage = (start, "expected \(announced) chunks, found \(chunks.count)")
        return
      }
      if entry.compressedSize == 0 || entry.size == 0 {
        guard let frame = bytes.part(start + 8, bytes.count - start - 8).flatMap(compression.frame)
        else {
          damage = (start, "expected a chunk's size or bytes that say it, found neither")
          return
        }
        (entry.compressedSize, entry.size) = frame
      }
      guard entry.size <= Compression.most,
        (try? reader.next(UInt64(entry.compressedSize))) != nil
      else {
        damage = (start, "expected \(announced) chunks, found \(chunks.count)")
        return
      }
      chunks.append(entry)
    }
  }

  private static func entry(_ reader: inout ByteReader) -> Entry? {
    guard let compressed = try? reader.next(UInt32.self), let size = try? reader.next(UInt32.self)
    else { return nil }
    return Entry(
      offset: reader.position, compressedSize: Int(compressed), size: Int(size))
  }
}
