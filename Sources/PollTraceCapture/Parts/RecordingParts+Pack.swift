internal import Dispatch
import PollTrace
internal import Synchronization

extension RecordingParts {
  /// Pages of a chunk; a reader unpacks a chunk at once.
  private static let pagesOfChunk = 64
  /// Chunks that are packed at once, on all CPUs.
  private static let chunksAtOnce = 16

  private static let mark: OSString = "packed"
  /// Whether the trace is to be packed: asked for when recording began.
  var isPacked: Bool { folder.has(Self.mark) }

  func askForPacking() throws(SystemError) { try save(Self.mark, "zstd\n") }

  /// Makes a trace of version 7 of the parts, its chunks packed with zstd, and removes them; gives back
  /// its size.
  ///
  /// On a full disk the parts stay whole, and what was written of the trace goes.
  func pack(_ head: TraceDatHead) throws(SystemError) -> Int {
    let draft: OSString = "trace.dat"
    do throws(SystemError) {
      let size = try write(head, to: draft)
      try place.put(draft, of: folder)
      remove()
      return size
    } catch {
      folder.remove(draft)
      throw error
    }
  }

  private func write(_ head: TraceDatHead, to draft: OSString) throws(SystemError) -> Int {
    let sections = try TraceDatSections(head)
    let file = try folder.open(draft, for: .writing)
    try file.write(sections.beginning)
    var extents: [TraceDatHead.Extent] = []
    var place = sections.beginning.count
    for (cpu, size) in sizes(head).enumerated() {
      let length = try append(cpu, size, pageSize: head.pageSize, to: file)
      extents.append(TraceDatHead.Extent(offset: place, size: length))
      place += length
    }
    let (bytes, numbers) = sections.end(extents, at: place)
    try file.write(bytes)
    for number in numbers {
      file.seek(to: number.place)
      try file.write(number.bytes)
    }
    return place + bytes.count
  }

  /// Packs one CPU's pages behind what is in `file`; gives back how many bytes that took.
  private func append(
    _ cpu: Int, _ size: Int, pageSize: Int, to file: borrowing File
  ) throws(SystemError) -> Int {
    guard size > 0 else { return 0 }
    let stride = Self.pagesOfChunk * pageSize
    var count: [UInt8] = []
    count.add(UInt32((size + stride - 1) / stride))
    try file.write(count)
    var written = count.count
    let part = try folder.open(Self.name(cpu: cpu), for: .reading)
    let room = room
    var begin = 0
    while begin < size {
      let end = min(begin + Self.chunksAtOnce * stride, size)
      let bytes = try part.read(room + begin..<room + end)
      guard bytes.count == end - begin else { throw .last }
      for chunk in try Self.chunks(of: bytes, stride) {
        try file.write(chunk)
        written += chunk.count
      }
      begin = end
    }
    return written
  }

  /// `pages` in chunks of `stride` bytes, packed on all CPUs.
  private static func chunks(
    of pages: [UInt8], _ stride: Int
  ) throws(SystemError) -> [[UInt8]] {
    let count = (pages.count + stride - 1) / stride
    let packed = Mutex([Int: Result<[UInt8], SystemError>]())
    DispatchQueue.concurrentPerform(iterations: count) { number in
      let part = Array(pages[number * stride..<min((number + 1) * stride, pages.count)])
      let result = Result { () throws(SystemError) in try TraceDatSections.chunk(part) }
      packed.withLock { $0[number] = result }
    }
    let results = packed.withLock { $0 }
    var chunks: [[UInt8]] = []
    for number in 0..<count {
      if let result = results[number] { chunks.append(try result.get()) }
    }
    return chunks
  }
}
