/// The sections of a trace.dat of version 7 with zstd, one after the other as they are written.
///
/// trace-cmd Documentation/trace-cmd/trace-cmd.dat.v7.5.txt. A section is its id, flags, the number of
/// a string, its size, and its content, which is compressed (behind both its sizes) but for strings and
/// options, as trace-cmd has it.
struct TraceDatSections {
  private enum Section {
    static let options: UInt16 = 0
    static let buffer: UInt16 = 3
    static let strings: UInt16 = 15
    static let headers: UInt16 = 16
    static let ftraceFormats: UInt16 = 17
    static let eventFormats: UInt16 = 18
    static let names: UInt16 = 21
  }

  private let head: TraceDatHead
  private var options: [(id: UInt16, content: [UInt8])]
  /// Where the number of the first section of options stands.
  private let optionsAt: Int
  /// What comes before the buffer.
  private(set) var beginning: [UInt8]

  init(_ head: TraceDatHead) throws(SystemError) {
    self.head = head
    options = head.options(cpus: head.statistics.count)
    var bytes: [UInt8] = [0x17, 0x08, 0x44]
    bytes.add(text: "tracing7")
    bytes.append(UInt8(1.bigEndian == 1 ? 1 : 0))
    bytes.append(UInt8(MemoryLayout<Int>.size))
    bytes.add(UInt32(head.pageSize))
    bytes.add(text: "zstd")
    bytes.add(text: Zstd.version)
    optionsAt = bytes.count
    bytes.add(UInt64(0))
    var headers: [UInt8] = []
    headers.add(text: "header_page")
    headers.add(sized: head.headerPage)
    headers.add(text: "header_event")
    headers.add(sized: head.headerEvent)
    var none: [UInt8] = []
    none.add(UInt32(0))
    var names: [UInt8] = []
    names.add(sized: head.names)
    for (id, content) in [
      (Section.headers, headers), (Section.ftraceFormats, none),
      (Section.eventFormats, head.eventFormats), (Section.names, names),
    ] {
      var place: [UInt8] = []
      place.add(UInt64(bytes.count))
      options.append((id, place))
      try Self.add(id, content, to: &bytes)
    }
    let strings = Array("events\0".utf8)
    Self.addHeader(Section.strings, isPacked: false, size: strings.count, to: &bytes)
    bytes += strings
    Self.addHeader(Section.buffer, isPacked: true, size: 0, to: &bytes)
    beginning = bytes
  }

  /// Where the buffer's section begins: its size is known later.
  private var bufferAt: Int { beginning.count - 16 }

  /// What comes behind the buffer, whose CPUs' chunks lie at `extents`, and the numbers that are known
  /// only now, with their places.
  func end(
    _ extents: [TraceDatHead.Extent], at place: Int
  ) -> (bytes: [UInt8], numbers: [(place: Int, bytes: [UInt8])]) {
    var buffer: [UInt8] = []
    buffer.add(UInt64(bufferAt))
    buffer.add(text: "")
    buffer.add(text: String(decoding: head.clock, as: UTF8.self))
    buffer.add(UInt32(head.pageSize))
    buffer.add(UInt32(extents.count))
    for (cpu, extent) in extents.enumerated() {
      buffer.add(UInt32(cpu))
      buffer.add(UInt64(extent.offset))
      buffer.add(UInt64(extent.size))
    }
    var content: [UInt8] = []
    for (id, bytes) in options + [(Section.buffer, buffer)] { content.add(id, bytes) }
    var last: [UInt8] = []
    last.add(UInt64(0))
    content.add(Section.options, last)
    var bytes: [UInt8] = []
    Self.addHeader(Section.options, isPacked: false, size: content.count, to: &bytes)
    bytes += content
    var (optionsPlace, bufferSize): ([UInt8], [UInt8]) = ([], [])
    optionsPlace.add(UInt64(place))
    bufferSize.add(UInt64(place - beginning.count))
    return (bytes, [(optionsAt, optionsPlace), (bufferAt + 8, bufferSize)])
  }

  /// A chunk of a CPU's pages: both its sizes, then its frame.
  static func chunk(_ pages: [UInt8]) throws(SystemError) -> [UInt8] {
    let frame = try Zstd.frame(of: pages)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(frame.count + 8)
    bytes.add(UInt32(frame.count))
    bytes.add(UInt32(pages.count))
    return bytes + frame
  }

  private static func add(
    _ id: UInt16, _ content: [UInt8], to bytes: inout [UInt8]
  ) throws(SystemError) {
    let packed = try chunk(content)
    addHeader(id, isPacked: true, size: packed.count, to: &bytes)
    bytes += packed
  }

  private static func addHeader(
    _ id: UInt16, isPacked: Bool, size: Int, to bytes: inout [UInt8]
  ) {
    bytes.add(id)
    bytes.add(UInt16(isPacked ? 1 : 0))
    bytes.add(UInt32(0))
    bytes.add(UInt64(size))
  }
}
