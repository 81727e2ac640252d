internal import CCompression

/// zlib, as far as an output that is to be packed takes it.
package enum Gzip {
  /// `content` as one member of a gzip file (RFC 1952); members one after the other are one file.
  ///
  /// It has no name and no time: the same content gives the same bytes.
  package static func member(of content: [UInt8]) throws(SystemError) -> [UInt8] {
    guard content.count < Int(UInt32.max) else { throw SystemError(code: tooLarge) }
    var stream = unsafe z_stream()
    // 15 bits of window, and 16 for gzip's head instead of zlib's.
    let isReady = unsafe deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard isReady == Z_OK else { throw .outOfMemory }
    defer { unsafe deflateEnd(&stream) }
    let most = unsafe Int(deflateBound(&stream, UInt(content.count)))
    var isDone = false
    var input = content
    let packed = unsafe [UInt8](unsafeUninitializedCapacity: most) { room, count in
      unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = room.baseAddress
        unsafe stream.avail_out = UInt32(clamping: room.count)
        isDone = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
        count = unsafe isDone ? room.count - Int(stream.avail_out) : 0
      }
    }
    guard isDone else { throw .outOfMemory }
    return packed
  }

  /// EFBIG.
  private static let tooLarge: Int32 = 27
}
