internal import CCompression

/// libzstd, as far as packing a trace takes it.
enum Zstd {
  /// The library's version.
  static var version: String { unsafe String(cString: ZSTD_versionString()) }

  /// libzstd's own default: level 3.
  private static let level: Int32 = 3

  /// `content` as one frame, with a checksum: damage is found and not decompressed into something else.
  static func frame(of content: [UInt8]) throws(SystemError) -> [UInt8] {
    let most = ZSTD_compressBound(content.count)
    guard let context = unsafe ZSTD_createCCtx() else { throw .outOfMemory }
    defer { unsafe ZSTD_freeCCtx(context) }
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    var hasFailed = false
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: most) { room, count in
      let length = unsafe content.withUnsafeBytes {
        unsafe ZSTD_compress2(context, room.baseAddress, most, $0.baseAddress, $0.count)
      }
      hasFailed = ZSTD_isError(length) != 0
      count = hasFailed ? 0 : length
    }
    // With room for the worst it fails for want of memory only.
    if hasFailed { throw .outOfMemory }
    return frame
  }
}
