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

  /// Compressed pages: a count of chunks, then compressed size, size and data of each; `stated` is
  /// the size that the file gives for all of it.
  ///
  /// The chunks are walked by their own sizes: the stated one was written 4 too small until
  /// trace-cmd 4b921329 (bugzilla.kernel.org 217367), and truncated above 2 GiB until 176bc1f1, so
  /// `bytes` may go beyond it. What is wrong goes to `ledger`.
  init(
    cpu: CPU, offset: UInt64, chunksIn bytes: Bytes, stated: UInt64, _ compression: Compression,
    pageSize: Int, layout: PageLayout, isBigEndian: Bool, _ ledger: inout Ledger
  ) {
    self.cpu = cpu
    self.offset = offset
    self.bytes = bytes
    self.pageSize = pageSize
    self.layout = layout
    self.isBigEndian = isBigEndian
    self.compression = compression
    let table = ChunkTable(
      in: bytes, stated: stated, compression, isBigEndian: isBigEndian)
    if let damage = table.damage {
      let place = "CPU \(cpu.rawValue), chunk at byte \(offset + UInt64(damage.offset))"
      ledger.note(.damaged, 1, "\(place): \(damage.words)")
    }
    var pages = 0
    chunks = table.chunks.map { chunk in
      defer { pages += Self.pages(in: chunk.size, pageSize, layout) }
      return Chunk(
        offset: chunk.offset, compressedSize: chunk.compressedSize, size: chunk.size,
        firstPage: pages)
    }
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
        .flatMap { compression.bytes(of: $0, size: chunk.size, cache.workspace) }
    }
    return cache.bytes.map { ($0, index - chunks[number].firstPage) }
  }

  /// The chunk that holds page `index`.
  private func chunk(of index: Int) -> Int {
    max(0, chunks.indices.firstInOrder(where: { chunks[$0].firstPage > index }) - 1)
  }

  /// Pages at which to look for times, `step` pages apart or more: those that begin a chunk.
  func samples(every step: Int) -> [Int] {
    guard compression != nil else { return Array(stride(from: 0, to: count, by: step)) }
    var samples: [Int] = []
    for chunk in chunks where chunk.firstPage < count {
      if samples.last.map({ chunk.firstPage - $0 >= step }) ?? true {
        samples.append(chunk.firstPage)
      }
    }
    return samples
  }

  /// Where page `index` lies in the file, or the chunk that holds it: for messages.
  func place(of index: Int) -> UInt64 {
    guard compression != nil, index >= 0, !chunks.isEmpty else {
      return offset + UInt64(max(0, index) * pageSize)
    }
    return offset + UInt64(chunks[chunk(of: index)].offset)
  }
}

/// The chunk of one CPU that was decompressed last.
struct ChunkCache {
  fileprivate let workspace: Compression.Workspace
  fileprivate var number = -1
  fileprivate var bytes: Bytes?

  /// None yet; `workspace` is the thread's own.
  init(_ workspace: Compression.Workspace) { self.workspace = workspace }
}
