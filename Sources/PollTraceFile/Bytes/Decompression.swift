internal import CCompression

/// How bytes of a trace are compressed; the only place that names libzstd and zlib.
enum Compression: Hashable, Sendable {
  case zstd
  case zlib

  /// The most that one compressed part may come to: bounds what a damaged size can ask for.
  static let most = 1 << 26

  /// The most that a stream of `size` bytes may come to: a thousand times its size, but 64 MiB may
  /// always be, and 8 GiB never: a small file must not fill the memory.
  static func most(of size: Int) -> Int { min(max(size << 10, 1 << 26), 1 << 33) }

  /// The bytes of `part`, which come to at most `size`; nil where they cannot be decompressed.
  func bytes(of part: Bytes, size: Int) -> Bytes? {
    guard size > 0, size <= Self.most else { return nil }
    var isWhole = false
    let result = unsafe Bytes(capacity: size) { room in
      unsafe part.lend { source in
        switch self {
        case .zstd:
          let count = unsafe ZSTD_decompress(
            room.baseAddress, size, source.baseAddress, source.count)
          isWhole = ZSTD_isError(count) == 0
          return isWhole ? count : 0
        case .zlib:
          var count = uLongf(size)
          let status = unsafe uncompress(
            room.baseAddress?.assumingMemoryBound(to: Bytef.self), &count,
            source.baseAddress?.assumingMemoryBound(to: Bytef.self), uLong(source.count))
          isWhole = status == Z_OK
          return isWhole ? Int(count) : 0
        }
      }
    }
    return isWhole ? result : nil
  }
}
