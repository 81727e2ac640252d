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

  /// The bytes of `part`, which come to `size`; nil where they cannot be decompressed, or come to
  /// something else.
  func bytes(of part: Bytes, size: Int, _ workspace: Workspace = Workspace()) -> Bytes? {
    guard size > 0, size <= Self.most else { return nil }
    let result = self == .zstd ? workspace.unzstd(part, most: size) : unzlib(part, most: size)
    return result?.count == size ? result : nil
  }

  /// What libzstd works in: making one for each chunk would cost as much as decompressing it.
  ///
  /// For one thread at a time.
  @safe final class Workspace {
    private let context = unsafe ZSTD_createDCtx()
    deinit { unsafe ZSTD_freeDCtx(context) }

    fileprivate func unzstd(_ part: Bytes, most: Int) -> Bytes? {
      var isWhole = false
      let result = unsafe Bytes(capacity: most) { room in
        let count = unsafe part.lend {
          unsafe ZSTD_decompressDCtx(
            context, room.baseAddress, most, $0.baseAddress, $0.count)
        }
        isWhole = ZSTD_isError(count) == 0
        return isWhole ? count : 0
      }
      return isWhole ? result : nil
    }
  }

  private func unzlib(_ part: Bytes, most: Int) -> Bytes? {
    var isWhole = false
    let result = unsafe Bytes(capacity: most) { room in
      var count = uLongf(most)
      let status = unsafe part.lend { source in
        unsafe uncompress(
          room.baseAddress?.assumingMemoryBound(to: Bytef.self), &count,
          source.baseAddress?.assumingMemoryBound(to: Bytef.self), uLong(source.count))
      }
      isWhole = status == Z_OK
      return isWhole ? Int(count) : 0
    }
    return isWhole ? result : nil
  }

  /// How many bytes the compressed piece at the begin of `part` takes, and what it comes to, as the
  /// piece itself says; nil where it is none, or comes to more than `most`.
  func frame(in part: Bytes) -> (compressedSize: Int, size: Int)? {
    switch self {
    case .zstd:
      let compressed = unsafe part.lend {
        unsafe ZSTD_findFrameCompressedSize($0.baseAddress, $0.count)
      }
      guard ZSTD_isError(compressed) == 0, let whole = part.part(0, compressed) else { return nil }
      // trace-cmd leaves the size out of its frames: it shows when there is room enough.
      let workspace = Workspace()
      var room = 1 << 16
      while room <= Self.most {
        if let bytes = workspace.unzstd(whole, most: room) { return (compressed, bytes.count) }
        room *= 4
      }
      return nil
    case .zlib:
      // It says nothing of its size, so it is read to its end and thrown away.
      var stream = unsafe z_stream()
      guard
        unsafe inflateInit_(&stream, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK
      else { return nil }
      defer { unsafe inflateEnd(&stream) }
      var room = [UInt8](repeating: 0, count: 1 << 16)
      return unsafe part.lend { source in
        unsafe stream.next_in = UnsafeMutablePointer(
          mutating: source.baseAddress?.assumingMemoryBound(to: Bytef.self))
        unsafe stream.avail_in = uInt(clamping: source.count)
        var status = Z_OK
        while status == Z_OK, unsafe stream.total_out <= uLong(Self.most) {
          status = unsafe room.withUnsafeMutableBufferPointer { room in
            unsafe stream.next_out = room.baseAddress
            unsafe stream.avail_out = uInt(room.count)
            return unsafe inflate(&stream, Z_NO_FLUSH)
          }
        }
        guard status == Z_STREAM_END, unsafe stream.total_out <= uLong(Self.most) else {
          return nil
        }
        return unsafe (Int(stream.total_in), Int(stream.total_out))
      }
    }
  }
}
