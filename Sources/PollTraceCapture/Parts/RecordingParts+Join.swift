import PollTrace

extension RecordingParts {
  /// Bytes copied at once; what a tight disk needs beside the events.
  private static let stride = 256 << 10

  /// Makes the trace of the parts and removes them; gives back its size.
  ///
  /// Where the disk has no room for a second copy, each stretch of a part is given back to the disk
  /// once it is copied; cut off in the midst of that, joining again goes on where it was.
  func join() throws(CaptureError) -> Int {
    if let begun, !folder.has(Self.name(cpu: begun.cpu)) {
      // Cut off when all was done.
      remove()
      return place.status?.size ?? 0
    }
    let head = try head()
    do {
      return try isPacked ? pack(head) : join(head)
    } catch {
      if error.isDistrust {
        throw CaptureError(
          "\(path.shown): no trace is made of it: \(error.text)",
          remedy: "polltrace does not make such a file: see who did.")
      }
      guard error.isNoSpace else { throw CaptureError(error, output: place.path) }
      throw CaptureError(
        "\(place.path.shown): cannot be written: \(error.text); what was recorded lies in"
          + " \(path.shown)",
        remedy: "Make room on that disk, then: \(recovery)")
    }
  }

  private func join(_ head: TraceDatHead) throws(SystemError) -> Int {
    let sizes = sizes(head)
    if let base = try base(sizes, head) { return try join(head, sizes, onto: base) }
    let (bytes, extents) = head.layout(of: sizes)
    let draft: OSString = "trace.dat"
    do {
      let file = try folder.open(draft, for: .updating)
      try file.write(bytes)
      try append(extents, to: file)
      try file.truncate(to: Self.end(extents, behind: bytes.count))
    }
    try place.put(draft, of: folder)
    remove()
    return Self.end(extents, behind: bytes.count)
  }

  /// Makes the trace of the part of CPU `base`: the head goes into the room before its events, those
  /// of the other CPUs behind them.
  private func join(
    _ head: TraceDatHead, _ sizes: [Int], onto base: Int
  ) throws(SystemError) -> Int {
    let own = TraceDatHead.Extent(offset: room, size: sizes[base])
    let (bytes, extents) = head.layout(of: sizes, first: (base, own))
    do {
      let file = try folder.open(Self.name(cpu: base), for: .updating)
      var others = extents
      others[base].size = 0
      try append(others, to: file)
      file.seek(to: 0)
      try file.write(bytes)
      try file.truncate(to: Self.end(extents, behind: room))
    }
    try place.put(Self.name(cpu: base), of: folder)
    remove()
    return Self.end(extents, behind: room)
  }

  private static func end(_ extents: [TraceDatHead.Extent], behind head: Int) -> Int {
    extents.reduce(head) { max($0, $1.offset + $1.size) }
  }

  /// Where the trace ends up being one CPU's part: which CPU, and how many bytes of events it has.
  private var begun: (cpu: Int, size: Int)? {
    let words = (line("base") ?? "").split(separator: " ").compactMap { Int($0) }
    return words.count == 2 ? (words[0], words[1]) : nil
  }

  /// The CPU whose part becomes the trace: the longest, if it is worth the room before its events and
  /// the head fits there; nil for none.
  ///
  /// From then on its size does not tell any more where its own events end, so that is noted.
  private func base(_ sizes: [Int], _ head: TraceDatHead) throws(SystemError) -> Int? {
    if let begun { return begun.cpu }
    guard let longest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }),
      sizes[longest] >= Self.leastBase, head.layout(of: sizes).head.count <= room
    else { return nil }
    do {
      let file = try folder.open(Self.name(cpu: longest), for: .updating)
      try file.truncate(to: room + sizes[longest])
    }
    try save("base", "\(longest) \(sizes[longest])\n")
    return longest
  }

  /// Fewer bytes than these are copied as fast.
  private static let leastBase = 4 << 20

  /// Bytes of each CPU's whole pages; a part cut off within a page ends with the page before.
  func sizes(_ head: TraceDatHead) -> [Int] {
    let room = room
    var sizes = head.statistics.indices.map { cpu in
      max(0, size(cpu: cpu) - room) / head.pageSize * head.pageSize
    }
    if let begun, sizes.indices.contains(begun.cpu) { sizes[begun.cpu] = begun.size }
    return sizes
  }

  /// Copies each CPU's events to their place.
  private func append(
    _ extents: [TraceDatHead.Extent], to file: borrowing File
  ) throws(SystemError) {
    let isTight = folder.free < extents.reduce(16 << 20) { $0 + $1.size }
    for (cpu, extent) in extents.enumerated() where extent.size > 0 {
      try append(cpu, to: file, at: extent, givingBack: isTight)
    }
  }

  private func append(
    _ cpu: Int, to file: borrowing File, at extent: TraceDatHead.Extent, givingBack: Bool
  ) throws(SystemError) {
    let part = try folder.open(Self.name(cpu: cpu), for: .updating)
    let room = room
    let stored = max(0, part.firstStored(from: room) - room)
    var begin = min(stored / Self.stride * Self.stride, extent.size)
    while begin < extent.size {
      let end = min(begin + Self.stride, extent.size)
      let stretch = room + begin..<room + end
      try file.copy(stretch, of: part, to: extent.offset + begin)
      if givingBack { part.release(stretch) }
      begin = end
    }
  }
}
