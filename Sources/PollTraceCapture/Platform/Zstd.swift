internal import CCompression

/// libzstd, as far as packing a trace takes it.
enum Zstd {
  /// The library's version.
  static var version: String { unsafe String(cString: ZSTD_versionString()) }

  /// libzstd's own default: level 3.
  private static let level: Int32 = 3

  /// `content` as one frame.
  static func frame(of content: [UInt8]) throws(SystemError) -> [UInt8] {
    let most = ZSTD_compressBound(content.count)
    var hasFailed = false
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: most) { room, count in
      let length = unsafe content.withUnsafeBytes {
        unsafe ZSTD_compress(room.baseAddress, most, $0.baseAddress, $0.count, level)
      }
      hasFailed = ZSTD_isError(length) != 0
      count = hasFailed ? 0 : length
    }
    // With room for the worst it fails for want of memory only.
    if hasFailed { throw .outOfMemory }
    return frame
  }
}
