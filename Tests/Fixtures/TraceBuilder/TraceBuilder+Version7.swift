internal import CCompression

extension TraceBuilder {
  /// trace-cmd Documentation/trace-cmd/trace-cmd.dat.v7.5.txt.
  func version7() -> [UInt8] {
    var out = head()
    out.add(text: compression.rawValue)
    out.add(text: compression == .none ? "" : "1.5.4")
    let first = out.count
    out.add(UInt64(0))
    var all: [(UInt16, [UInt8])] = []
    let sections: [(UInt16, [UInt8])] = [
      (16, headers()), (17, ftraceFormats()), (18, eventFormats()), (21, cmdlines()),
    ]
    for (id, content) in sections {
      all.append((id, word(UInt64(out.count))))
      add(section: id, content, to: &out)
    }
    add(section: 15, Array("events\0".utf8), to: &out)
    all += options.map { ($0.id, $0.content) }
    all.append((4, Array(clocks(clock).utf8) + [0]))
    all.append((5, Array("Linux host \(kernel) x86_64".utf8) + [0]))
    for buffer in buffers { all.append((3, add(buffer, to: &out))) }
    // One section for all options, or one for each, chained from the last to the first.
    var next = UInt64(0)
    let parts = chainsOptions ? all.reversed().map { [$0] } : [all]
    for part in parts {
      var content = ByteWriter(isBigEndian: isBigEndian)
      for (id, bytes) in part { add(id, bytes, to: &content) }
      add(0, word(next), to: &content)
      next = UInt64(out.count)
      add(section: 0, content.bytes, to: &out)
    }
    out.put(next, at: first)
    return out.bytes
  }

  private func word<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    var out = ByteWriter(isBigEndian: isBigEndian)
    out.add(value)
    return out.bytes
  }

  private func add(section id: UInt16, _ content: [UInt8], to out: inout ByteWriter) {
    var body = ByteWriter(isBigEndian: isBigEndian)
    if compression == .none {
      body.add(content)
    } else {
      let packed = compressed(content)
      body.add(UInt32(packed.count))
      body.add(bugs.contains(.highHalves) ? UInt32(0) : UInt32(content.count))
      body.add(packed)
    }
    addHeader(id, flags: compression == .none ? 0 : 1, size: body.count, to: &out)
    out.add(body.bytes)
  }

  private func addHeader(_ id: UInt16, flags: UInt16, size: Int, to out: inout ByteWriter) {
    out.add(id)
    out.add(flags)
    out.add(UInt32(0))
    out.add(UInt64(size))
  }

  /// Writes the section of a buffer; gives back the content of its option.
  private func add(_ buffer: Buffer, to out: inout ByteWriter) -> [UInt8] {
    let place = out.count
    addHeader(3, flags: compression == .none ? 0 : 1, size: 0, to: &out)
    out.pad(to: compression == .none ? pageSize : 1)
    var option = ByteWriter(isBigEndian: isBigEndian && !bugs.contains(.bufferInHostOrder))
    let cpus = pages(of: buffer)
    option.add(UInt64(place))
    option.add(text: buffer.name)
    option.add(text: buffer.clock ?? clock)
    option.add(UInt32(subBufferSize ?? pageSize))
    option.add(UInt32(cpus.count))
    for (cpu, pages) in cpus {
      let start = out.count
      out.add(compression == .none ? pages : chunks(of: pages))
      var size = out.count - start
      if compression != .none, bugs.contains(.sizeFourTooSmall) { size -= 4 }
      if bugs.contains(.sizeTruncated) { size = size & 0xf }
      option.add(cpu)
      option.add(UInt64(start))
      option.add(UInt64(size))
    }
    out.put(UInt64(out.count - place - 16), at: place + 8)
    return option.bytes
  }

  private func chunks(of pages: [UInt8]) -> [UInt8] {
    let size = pagesPerChunk * (subBufferSize ?? pageSize)
    var parts = stride(from: 0, to: pages.count, by: size).map {
      Array(pages[$0..<min($0 + size, pages.count)])
    }
    if swapsChunks { parts = Array(parts[(parts.count / 2)...] + parts[..<(parts.count / 2)]) }
    var out = ByteWriter(isBigEndian: isBigEndian)
    let high = bugs.contains(.highHalves)
    let count = UInt32(high ? 0 : parts.count)
    out.add(bugs.contains(.countInHostOrder) && isBigEndian ? count.byteSwapped : count)
    for part in parts {
      let packed = compressed(part)
      out.add(UInt32(high ? 0 : packed.count))
      out.add(UInt32(high ? 0 : part.count))
      out.add(packed)
    }
    return out.bytes
  }

  private func compressed(_ bytes: [UInt8]) -> [UInt8] {
    switch compression {
    case .none: bytes
    case .zstd:
      unsafe [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { room, count in
        count = unsafe bytes.withUnsafeBytes {
          unsafe ZSTD_compress(room.baseAddress, room.count, $0.baseAddress, $0.count, 1)
        }
      }
    case .zlib:
      unsafe [UInt8](unsafeUninitializedCapacity: Int(compressBound(UInt(bytes.count)))) {
        room, count in
        var length = UInt(room.count)
        _ = unsafe compress(room.baseAddress, &length, bytes, UInt(bytes.count))
        count = Int(length)
      }
    }
  }
}
