internal import PollTrace

/// The pages of one CPU's buffer in the file, one after the other, compressed in chunks or not.
struct CPUPages: Sendable {
  /// Some pages that are compressed together.
  struct Chunk: Sendable {
    /// Where its compressed bytes lie in `bytes`, and how many they are.
    var offset: Int
    var compressedSize: Int
    /// What they come to.
    var size: Int
    var firstPage: Int
  }

  let cpu: CPU
  /// Where they begin in the file, in bytes: for messages.
  let offset: UInt64
  let bytes: Bytes
  let pageSize: Int
  let layout: PageLayout
  let isBigEndian: Bool
  let compression: Compression?
  private let chunks: [Chunk]
  /// How many pages; a last part of a page counts if it holds at least a header.
  let count: Int

  /// Pages as they are.
  init(
    cpu: CPU, offset: UInt64, bytes: Bytes, pageSize: Int, layout: PageLayout, isBigEndian: Bool
  ) {
    self.cpu = cpu
    self.offset = offset
    self.bytes = bytes
    self.pageSize = pageSize
    self.layout = layout
    self.isBigEndian = isBigEndian
    compression = nil
    chunks = []
    count = Self.pages(in: bytes.count, pageSize, layout)
  }

  /// Compressed pages: a count of chunks, then compressed size, size and data of each.
  ///
  /// The chunks are walked by their own sizes; the size that the file gives for all of them was
  /// written 4 too small until trace-cmd 4b921329 (bugzilla.kernel.org 217367), and truncated
  /// above 2 GiB until 176bc1f1, so `bytes` may go beyond it. What is wrong goes to `ledger`.
  init(
    cpu: CPU, offset: UInt64, chunksIn bytes: Bytes, _ compression: Compression, pageSize: Int,
    layout: PageLayout, isBigEndian: Bool, _ ledger: inout Ledger
  ) {
    self.cpu = cpu
    self.offset = offset
    self.bytes = bytes
    self.pageSize = pageSize
    self.layout = layout
    self.isBigEndian = isBigEndian
    self.compression = compression
    var reader = ByteReader(bytes, isBigEndian: isBigEndian)
    var chunks: [Chunk] = []
    var pages = 0
    let announced = (try? reader.next(UInt32.self)) ?? 0
    for number in 0..<announced {
      let start = reader.position
      guard let compressed = try? reader.next(UInt32.self),
        let size = try? reader.next(UInt32.self),
        size <= Compression.most, (try? reader.next(UInt64(compressed))) != nil
      else {
        let place = "CPU \(cpu.rawValue), chunk at byte \(offset + UInt64(start))"
        ledger.note(.damaged, 1, "\(place): expected \(announced) chunks, found \(number)")
        break
      }
      chunks.append(
        Chunk(
          offset: start + 8, compressedSize: Int(compressed), size: Int(size), firstPage: pages))
      pages += Self.pages(in: Int(size), pageSize, layout)
    }
    self.chunks = chunks
    count = pages
  }

  private static func pages(in size: Int, _ pageSize: Int, _ layout: PageLayout) -> Int {
    size / pageSize + (size % pageSize > layout.dataOffset ? 1 : 0)
  }

  /// Page `index`, which must be less than `count`; nil where it cannot be decompressed.
  func page(_ index: Int, _ cache: inout ChunkCache) -> RingBufferPage? {
    guard let (bytes, index) = bytes(of: index, &cache) else { return nil }
    let start = index * pageSize
    let length = max(0, min(pageSize, bytes.count - start))
    return bytes.part(start, length).map {
      RingBufferPage($0, layout, isBigEndian: isBigEndian)
    }
  }

  /// The time at which page `index` begins.
  func time(of index: Int, _ cache: inout ChunkCache) -> UInt64 {
    guard let (bytes, index) = bytes(of: index, &cache) else { return 0 }
    let stamp = bytes.load(index * pageSize, as: UInt64.self)
    return isBigEndian ? stamp.byteSwapped : stamp
  }

  /// The bytes in which page `index` lies, and its number in them.
  private func bytes(of index: Int, _ cache: inout ChunkCache) -> (Bytes, Int)? {
    guard let compression else { return (bytes, index) }
    let number = chunk(of: index)
    if cache.number != number {
      let chunk = chunks[number]
      cache.number = number
      cache.bytes = bytes.part(chunk.offset, chunk.compressedSize)
        .flatMap { compression.bytes(of: $0, size: chunk.size) }
    }
    return cache.bytes.map { ($0, index - chunks[number].firstPage) }
  }

  /// The chunk that holds page `index`.
  private func chunk(of index: Int) -> Int {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle].firstPage <= index { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  /// The last page that begins before `time`, which may end with events of that moment; 0 if none.
  func page(at time: UInt64, _ cache: inout ChunkCache) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self.time(of: middle, &cache) < time { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  /// What the heads of all pages show.
  struct Survey: Sendable {
    /// Whether each page begins no earlier than the one before: then slices of time can be cut.
    var isInOrder = true
    /// Between the begins of which pages events were lost, as stamps; the first is nil where that
    /// is before all pages.
    var losses: [(after: UInt64?, before: UInt64)] = []
  }

  /// Looks at every page; nil of compressed ones, because that would decompress them all.
  ///
  /// Those are taken to be in order, and reading notes a page that begins too early in any case.
  func survey() -> Survey? {
    guard compression == nil else { return nil }
    var survey = Survey()
    var cache = ChunkCache()
    var last: UInt64?
    for index in 0..<count {
      guard let page = page(index, &cache) else { continue }
      if let last, page.time < last { survey.isInOrder = false }
      if page.missing != nil { survey.losses.append((after: last, before: page.time)) }
      last = page.time
    }
    return survey
  }

  /// Where page `index` lies in the file, or the chunk that holds it: for messages.
  func place(of index: Int) -> UInt64 {
    guard compression != nil, index >= 0, !chunks.isEmpty else {
      return offset + UInt64(max(0, index) * pageSize)
    }
    return offset + UInt64(chunks[chunk(of: index)].offset)
  }
}

/// The chunk that was decompressed last.
struct ChunkCache {
  fileprivate var number = -1
  fileprivate var bytes: Bytes?
}
