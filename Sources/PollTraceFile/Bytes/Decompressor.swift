internal import CCompression

/// Decompresses a stream piece by piece: gzip, zlib or zstd, one frame after the other.
@safe final class Decompressor {
  /// What one step came to.
  enum Step {
    /// There may be more of the frame.
    case going
    /// A frame has ended; another may follow.
    case ended
    case damaged
  }

  @safe private enum Stream {
    case zstd(OpaquePointer)
    case zlib(UnsafeMutablePointer<z_stream>)
  }
  private let stream: Stream
  /// The most that one step writes.
  private static let step = 1 << 18

  /// Nil where there is no memory for it.
  init?(_ compression: Compression) {
    switch compression {
    case .zstd:
      guard let context = unsafe ZSTD_createDStream() else { return nil }
      // Frames with a window beyond this need more memory than a damaged one should get.
      unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
      unsafe stream = .zstd(context)
    case .zlib:
      let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      unsafe state.initialize(to: z_stream())
      // 15 is the largest window; 32 more: gzip or zlib, as the header says (zlib.h).
      let status = unsafe inflateInit2_(
        state, 15 + 32, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
      guard status == Z_OK else {
        unsafe state.deallocate()
        return nil
      }
      unsafe stream = .zlib(state)
    }
  }

  deinit {
    switch stream {
    case .zstd(let context): unsafe ZSTD_freeDStream(context)
    case .zlib(let state):
      unsafe inflateEnd(state)
      unsafe state.deallocate()
    }
  }

  /// Decompresses some of `input` from `position` on, which moves along, behind `output`.
  func step(_ input: Bytes, _ position: inout Int, into output: inout GrowingBytes) -> Step {
    let length = min(input.count - position, 1 << 30)
    guard let part = input.part(position, length) else { return .damaged }
    var result = Step.going
    var used = 0
    unsafe output.write(atMost: Self.step) { room in
      unsafe part.lend { source in
        switch stream {
        case .zstd(let context):
          var from = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
          var to = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
          let status = unsafe ZSTD_decompressStream(context, &to, &from)
          used = unsafe from.pos
          if ZSTD_isError(status) != 0 { result = .damaged } else if status == 0 { result = .ended }
          return unsafe to.pos
        case .zlib(let state):
          unsafe state.pointee.next_in = UnsafeMutableRawPointer(mutating: source.baseAddress)?
            .assumingMemoryBound(to: Bytef.self)
          unsafe state.pointee.avail_in = UInt32(source.count)
          unsafe state.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: Bytef.self)
          unsafe state.pointee.avail_out = UInt32(room.count)
          let status = unsafe inflate(state, Z_NO_FLUSH)
          used = unsafe source.count - Int(state.pointee.avail_in)
          if status == Z_STREAM_END {
            result = .ended
            unsafe inflateReset(state)
          } else if status != Z_OK, status != Z_BUF_ERROR {
            result = .damaged
          }
          return unsafe room.count - Int(state.pointee.avail_out)
        }
      }
    }
    position += used
    return result
  }
}
