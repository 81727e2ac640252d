internal import CCompression

/// How bytes of a trace are compressed; the only place that names libzstd and zlib.
enum Compression: Hashable, Sendable {
  case zstd
  case zlib

  /// The most that one compressed part may come to: bounds what a damaged size can ask for.
  static let most = 1 << 26

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

// MARK: - Files that are compressed as a whole

extension Compression {
  /// How a file is compressed as a whole, by its first bytes; nil where it is not.
  static func whole(_ file: Bytes) -> Compression? {
    if file.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return .zstd }
    if file.starts(with: [0x1f, 0x8b]) { return .zlib }
    return nil
  }

  /// More than this is not unpacked, whatever a file says: 4 GiB.
  private static let mostOfAll = 1 << 32

  /// Everything that the file at `path` unpacks to (gzip for zlib).
  func all(of file: Bytes, path: String) throws(TraceFileError) -> Bytes {
    var chunks: [Bytes] = []
    var size = 0
    let isWhole = unpack(file) { chunk in
      chunks.append(chunk)
      size += chunk.count
      return size <= Self.mostOfAll
    }
    guard isWhole else {
      throw TraceFileError(
        path: path, offset: size,
        problem: .malformed(
          section: self == .zstd ? "zstd data" : "gzip data",
          expected: "a whole file of at most 4 GiB",
          found: size > Self.mostOfAll ? "more" : "damage after \(size) unpacked bytes"))
    }
    return unsafe Bytes(capacity: size) { room in
      var filled = 0
      for chunk in chunks {
        unsafe chunk.lend { source in
          unsafe UnsafeMutableRawBufferPointer(rebasing: room[filled...]).copyMemory(from: source)
        }
        filled += chunk.count
      }
      return filled
    }
  }

  /// Hands over chunk by chunk; false where the data is damaged or cut off, or `take` refuses.
  private func unpack(_ file: Bytes, _ take: (Bytes) -> Bool) -> Bool {
    unsafe file.lend { source in
      switch self {
      case .zstd: unsafe Self.unpackZstd(source, take)
      case .zlib: unsafe Self.unpackGzip(source, take)
      }
    }
  }

  private static let chunkSize = 1 << 20

  private static func unpackZstd(
    _ source: UnsafeRawBufferPointer, _ take: (Bytes) -> Bool
  ) -> Bool {
    guard let stream = unsafe ZSTD_createDStream() else { return false }
    defer { unsafe ZSTD_freeDStream(stream) }
    var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
    var rest = 1
    while true {
      var hasFailed = false
      let chunk = unsafe Bytes(capacity: chunkSize) { room in
        var output = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        rest = unsafe ZSTD_decompressStream(stream, &output, &input)
        hasFailed = ZSTD_isError(rest) != 0
        return unsafe output.pos
      }
      if hasFailed { return false }
      if chunk.count > 0, !take(chunk) { return false }
      if unsafe input.pos == input.size, chunk.count < chunkSize { return rest == 0 }
    }
  }

  private static func unpackGzip(
    _ source: UnsafeRawBufferPointer, _ take: (Bytes) -> Bool
  ) -> Bool {
    var stream = unsafe z_stream()
    // 31: a window of 32 KiB, with a header of gzip.
    guard
      unsafe inflateInit2_(
        &stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return false }
    defer { unsafe inflateEnd(&stream) }
    unsafe stream.next_in = UnsafeMutablePointer(
      mutating: source.baseAddress?.assumingMemoryBound(to: Bytef.self))
    var left = source.count
    while true {
      if unsafe stream.avail_in == 0 {
        let more = min(left, 1 << 30)
        unsafe stream.avail_in = UInt32(more)
        left -= more
      }
      var status = Z_OK
      let chunk = unsafe Bytes(capacity: chunkSize) { room in
        unsafe stream.next_out = room.baseAddress?.assumingMemoryBound(to: Bytef.self)
        unsafe stream.avail_out = UInt32(room.count)
        status = unsafe inflate(&stream, Z_NO_FLUSH)
        return unsafe room.count - Int(stream.avail_out)
      }
      if chunk.count > 0, !take(chunk) { return false }
      switch status {
      case Z_STREAM_END:
        if unsafe stream.avail_in == 0, left == 0 { return true }
        // Another member follows, as `cat a.gz b.gz` makes.
        guard unsafe inflateReset(&stream) == Z_OK else { return false }
      case Z_OK: continue
      case Z_BUF_ERROR where left > 0: continue
      default: return false
      }
    }
  }
}

// MARK: - One stream in pieces

/// A zstd stream that comes in pieces, each of which unpacks to some bytes.
@safe final class ZstdStream {
  private let stream: OpaquePointer?
  /// One piece (64 KiB at most) may not come to more: bounds what damage can ask for.
  private static let most = 1 << 26

  init() { unsafe stream = ZSTD_createDStream() }
  deinit { unsafe ZSTD_freeDStream(stream) }

  /// What the next piece unpacks to; nil where it cannot be.
  func unpack(_ piece: Bytes) -> [UInt8]? {
    guard unsafe stream != nil else { return nil }
    var result: [UInt8] = []
    var isGood = true
    unsafe piece.lend { source in
      var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
      var chunk = [UInt8](repeating: 0, count: 1 << 17)
      while isGood {
        var filled = 0
        unsafe chunk.withUnsafeMutableBytes { room in
          var output = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
          isGood = unsafe ZSTD_isError(ZSTD_decompressStream(stream, &output, &input)) == 0
          filled = unsafe output.pos
        }
        result += chunk[..<filled]
        if result.count > Self.most { isGood = false }
        if unsafe input.pos == input.size, filled < chunk.count { break }
      }
    }
    return isGood ? result : nil
  }
}
