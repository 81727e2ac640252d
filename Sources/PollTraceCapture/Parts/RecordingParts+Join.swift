extension RecordingParts {
  /// Bytes copied at once; what a tight disk needs beside the events.
  private static let stride = 256 << 10

  /// Makes the trace of the parts and removes them; gives back its size.
  ///
  /// Where the disk has no room for a second copy, each stretch of a part is given back to the disk
  /// once it is copied; cut off in the midst of that, joining again goes on where it was.
  func join() throws(CaptureError) -> Int {
    let head = try head()
    do {
      return try isPacked ? pack(head) : join(head)
    } catch {
      guard error.isNoSpace else { throw CaptureError(error, output: output) }
      throw CaptureError(
        "\(output): cannot be written: \(error.text); what was recorded lies in \(directory)",
        remedy: "Make room on that disk, then: polltrace record --recover -o \(output)")
    }
  }

  private func join(_ head: TraceDatHead) throws(SystemError) -> Int {
    let sizes = sizes(head)
    let (bytes, extents) = head.layout(of: sizes)
    let draft = path("trace.dat")
    let isTight = Paths.free(at: directory) < sizes.reduce(bytes.count + (16 << 20), +)
    do {
      let file = try File(draft, for: .updating)
      try file.write(bytes)
      for (cpu, extent) in extents.enumerated() where extent.size > 0 {
        try append(cpu, to: file, at: extent, givingBack: isTight)
      }
      let end = extents.last.map { $0.offset + $0.size } ?? bytes.count
      try file.truncate(to: max(end, bytes.count))
    }
    try Paths.rename(draft, to: output)
    remove()
    return extents.reduce(bytes.count) { max($0, $1.offset + $1.size) }
  }

  /// Bytes of each CPU's whole pages; a part cut off within a page ends with the page before.
  func sizes(_ head: TraceDatHead) -> [Int] {
    head.statistics.indices.map { cpu in
      Paths.size(path(cpu: cpu)) / head.pageSize * head.pageSize
    }
  }

  private func append(
    _ cpu: Int, to file: borrowing File, at extent: TraceDatHead.Extent, givingBack: Bool
  ) throws(SystemError) {
    let part = try File(path(cpu: cpu), for: .updating)
    var begin = min(part.firstStored(from: 0) / Self.stride * Self.stride, extent.size)
    while begin < extent.size {
      let stretch = begin..<min(begin + Self.stride, extent.size)
      try file.copy(stretch, of: part, to: extent.offset + begin)
      if givingBack { part.release(stretch) }
      begin = stretch.upperBound
    }
  }
}
