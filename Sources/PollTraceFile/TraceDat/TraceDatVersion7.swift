internal import PollTrace

/// A trace.dat of version 7: sections anywhere in the file, found through a chain of options.
///
/// trace-cmd Documentation/trace-cmd/trace-cmd.dat.v7.5.txt.
struct TraceDatVersion7 {
  private let file: Bytes
  private let path: String
  private let compression: Compression?
  private var header: TraceDatHeader

  /// The header of `file`, whose magic and version end at `position`.
  static func header(
    _ file: Bytes, path: String, from position: Int
  ) throws(TraceFileError) -> TraceDatHeader {
    let isBigEndian = file.load(position, as: UInt8.self) == 1
    var reader = ByteReader(file, isBigEndian: isBigEndian, from: position + 2)
    let pageSize: UInt32
    let name: String
    var next: UInt64
    do {
      pageSize = try reader.next(UInt32.self)
      name = try reader.nextString()
      _ = try reader.nextString()
      next = try reader.next(UInt64.self)
    } catch {
      throw TraceFileError(
        path: path, offset: error.offset,
        problem: .cutOff(section: "the header", needed: error.needed, left: error.left))
    }
    let compression: Compression? =
      switch name {
      case "none", "": nil
      case "zstd": .zstd
      case "zlib": .zlib
      default: throw TraceFileError(path: path, problem: .unknownCompression(Untrusted(name)))
      }
    var version = TraceDatVersion7(
      file: file, path: path, compression: compression,
      header: TraceDatHeader(
        format: "trace.dat v7", isBigEndian: isBigEndian, pageSize: pageSize))
    try version.readOptions(from: &next)
    version.readSections()
    try version.checkSections()
    return version.header
  }

  /// A section's content, decompressed.
  private struct Section {
    var id: UInt16
    var content: Bytes
  }

  /// Follows the chain of option sections; each offset is followed once.
  private mutating func readOptions(from next: inout UInt64) throws(TraceFileError) {
    var seen: Set<UInt64> = []
    while next != 0 {
      guard seen.insert(next).inserted else {
        return note("byte \(next): the chain of options comes back to a section it has been at")
      }
      let at = next
      next = 0
      switch section(at: at) {
      case .success(let section) where section.id == OptionID.done:
        next = read(section, at: at)
      case .success(let section):
        note("byte \(at): expected a section of options, found section \(section.id)")
      case .failure(let problem):
        guard header.options.isEmpty else { return note("byte \(at): options: \(problem.words)") }
        throw TraceFileError(
          path: path, offset: Int(clamping: at),
          problem: .malformed(
            section: "options", expected: "a section", found: Untrusted(problem.words)))
      }
    }
  }

  /// Takes a section's options in; gives back where the next section of options lies.
  private mutating func read(_ section: Section, at place: UInt64) -> UInt64 {
    var reader = ByteReader(section.content, isBigEndian: header.isBigEndian)
    while reader.left > 0 {
      // DONE is always of 8 bytes; trace-cmd 3.1.6 writes its size in the host's byte order.
      guard let id = try? reader.next(UInt16.self), let size = try? reader.next(UInt32.self),
        let content = try? reader.next(id == OptionID.done ? 8 : UInt64(size))
      else {
        note("byte \(place): an option of the section reaches beyond its end")
        return 0
      }
      if id == OptionID.done {
        var rest = ByteReader(content, isBigEndian: header.isBigEndian)
        return (try? rest.next(UInt64.self)) ?? 0
      }
      header.options.append(.init(id: id, offset: Int(clamping: place), content: content))
    }
    return 0
  }

  private struct Problem: Error { var words: String }

  /// The section at `place`: id, flags, a string's number, size; then its content.
  private func section(at place: UInt64) -> Result<Section, Problem> {
    guard place < UInt64(file.count) else {
      return .failure(Problem(words: "an offset beyond the file's \(file.count) bytes"))
    }
    var reader = ByteReader(file, isBigEndian: header.isBigEndian, from: Int(place))
    guard let id = try? reader.next(UInt16.self), let flags = try? reader.next(UInt16.self),
      (try? reader.next(UInt32.self)) != nil, let size = try? reader.next(UInt64.self)
    else { return .failure(Problem(words: "\(reader.left) bytes of a section's 16")) }
    guard let content = try? reader.next(size) else {
      return .failure(Problem(words: "a section of \(size) bytes, \(reader.left) left"))
    }
    guard flags & 1 != 0, let compression else {
      return .success(Section(id: id, content: content))
    }
    var inner = ByteReader(content, isBigEndian: header.isBigEndian)
    guard let compressed = try? inner.next(UInt32.self), let whole = try? inner.next(UInt32.self),
      let part = try? inner.next(UInt64(compressed))
    else { return .failure(Problem(words: "a compressed section of \(size) bytes")) }
    // On big-endian hosts trace-cmd wrote the high half of the size, which is 0 (until f339229f).
    let wholeSize = whole == 0 ? compression.frame(in: part)?.size ?? 0 : Int(whole)
    if part.count == 0 || wholeSize == 0 {
      return .success(Section(id: id, content: content.part(0, 0) ?? content))
    }
    guard let bytes = compression.bytes(of: part, size: wholeSize) else {
      return .failure(Problem(words: "bytes that cannot be decompressed"))
    }
    return .success(Section(id: id, content: bytes))
  }

  /// Reads the sections that the options point at.
  private mutating func readSections() {
    for option in header.options {
      switch option.id {
      case OptionID.headerInfo: with(option, "header info") { $0.readPageLayout(&$1) }
      case OptionID.ftraceEvents: with(option, "ftrace events") { $0.readFtraceFormats(&$1) }
      case OptionID.eventFormats: with(option, "event formats") { $0.readFormats(&$1) }
      case OptionID.names: with(option, "cmdlines") { $0.readNames(&$1) }
      case OptionID.buffer: readBuffer(option)
      case OptionID.kallsyms: _ = place(of: option, "kallsyms")
      case OptionID.printk: _ = place(of: option, "printk formats")
      case OptionID.cpuCount:
        var reader = ByteReader(option.content, isBigEndian: header.isBigEndian)
        header.cpus = Int((try? reader.next(UInt32.self)) ?? 0)
      default: break
      }
    }
  }

  /// A file without any buffer, or without what tells how to read it, is no empty success.
  private mutating func checkSections() throws(TraceFileError) {
    let found = Set(header.options.map(\.id))
    guard !header.buffers.isEmpty else {
      throw TraceFileError(
        path: path,
        problem: .malformed(
          section: "options", expected: "a buffer of events",
          found: found.contains(OptionID.bufferText) ? "a trace as text" : "none"))
    }
    for (id, name) in [
      (OptionID.headerInfo, "header info"), (OptionID.eventFormats, "event formats"),
    ] where !found.contains(id) {
      note("options: expected a section of \(name), found none")
    }
  }

  /// Reads the section whose offset is the option's content.
  private mutating func with(
    _ option: TraceDatHeader.Option, _ name: String,
    _ read: (inout Self, inout ByteReader) -> Bool
  ) {
    guard let place = place(of: option, name) else { return }
    switch section(at: place) {
    case .success(let section):
      var reader = ByteReader(section.content, isBigEndian: header.isBigEndian)
      if !read(&self, &reader) {
        note("byte \(place): section \(name) ends early, at byte \(reader.position) of it")
      }
    case .failure(let problem): note("byte \(place): section \(name): found \(problem.words)")
    }
  }

  /// Where the section lies whose offset is the option's content; nil where another one lies there.
  private mutating func place(of option: TraceDatHeader.Option, _ name: String) -> UInt64? {
    var content = ByteReader(option.content, isBigEndian: header.isBigEndian)
    guard let place = try? content.next(UInt64.self) else {
      note("byte \(option.offset): option for \(name) has no offset")
      return nil
    }
    var section = ByteReader(file, isBigEndian: header.isBigEndian, from: Int(clamping: place))
    if let id = try? section.next(UInt16.self), id != option.id {
      note("byte \(place): section \(name): expected number \(option.id), found \(id)")
      return nil
    }
    return place
  }

  private mutating func note(_ words: Untrusted) { header.ledger.note(.damaged, 1, words) }
}

extension TraceDatVersion7 {
  private mutating func readPageLayout(_ reader: inout ByteReader) -> Bool {
    guard let name = try? reader.nextString(), name == "header_page",
      let length = try? reader.next(UInt64.self), let text = try? reader.next(length)
    else { return false }
    guard let layout = PageLayout(text: text.text) else { return false }
    header.pageLayout = layout
    return true
  }

  private mutating func readFtraceFormats(_ reader: inout ByteReader) -> Bool {
    guard let count = try? reader.next(UInt32.self) else { return false }
    for _ in 0..<count {
      guard let length = try? reader.next(UInt64.self), let text = try? reader.next(length) else {
        return false
      }
      header.formats.append(("ftrace", text))
    }
    return true
  }

  private mutating func readFormats(_ reader: inout ByteReader) -> Bool {
    guard let systems = try? reader.next(UInt32.self) else { return false }
    for _ in 0..<systems {
      guard let system = try? reader.nextString(), let count = try? reader.next(UInt32.self) else {
        return false
      }
      for _ in 0..<count {
        guard let length = try? reader.next(UInt64.self), let text = try? reader.next(length) else {
          return false
        }
        header.formats.append((system, text))
      }
    }
    return true
  }

  private mutating func readNames(_ reader: inout ByteReader) -> Bool {
    guard let length = try? reader.next(UInt64.self), let text = try? reader.next(length) else {
      return false
    }
    header.names = text
    return true
  }

  /// Offset, name, clock, page size, then CPU, offset and size of each buffer; ids may be sparse.
  ///
  /// trace-cmd 3.1.6 writes all of these numbers in the host's byte order where it converts a file
  /// of the other: where they only make sense that way round, that is what was done.
  private mutating func readBuffer(_ option: TraceDatHeader.Option) {
    guard let straight = table(in: option, isBigEndian: header.isBigEndian) else {
      return note("byte \(option.offset): option BUFFER ends before its CPUs")
    }
    var table = straight
    if !table.isPlausible, let other = self.table(in: option, isBigEndian: !header.isBigEndian),
      other.isPlausible
    {
      table = other
    }
    if table.buffer.cpus.count < table.announced {
      let found = table.buffer.cpus.count
      note("byte \(option.offset): option BUFFER: expected \(table.announced) CPUs, found \(found)")
    }
    header.buffers.append(table.buffer)
    header.cpus = max(header.cpus, table.buffer.cpus.count)
  }

  /// A BUFFER option as read in one byte order.
  private struct BufferTable {
    var buffer: TraceDatHeader.Buffer
    var announced: UInt32
    /// Whether all of it can lie inside the file.
    var isPlausible: Bool
  }

  private func table(in option: TraceDatHeader.Option, isBigEndian: Bool) -> BufferTable? {
    var reader = ByteReader(option.content, isBigEndian: isBigEndian)
    guard let section = try? reader.next(UInt64.self), let name = try? reader.nextString(),
      let clock = try? reader.nextString(), let pageSize = try? reader.next(UInt32.self),
      let count = try? reader.next(UInt32.self)
    else { return nil }
    var table = BufferTable(
      buffer: .init(name: name, clock: clock, pageSize: pageSize, cpus: []), announced: count,
      isPlausible: section < UInt64(file.count) && TraceDatHeader.pageSizes.contains(pageSize))
    while table.buffer.cpus.count < count {
      guard let cpu = try? reader.next(UInt32.self), let offset = try? reader.next(UInt64.self),
        let size = try? reader.next(UInt64.self)
      else {
        table.isPlausible = false
        break
      }
      let left = UInt64(file.count) - min(offset, UInt64(file.count))
      if size > left { table.isPlausible = false }
      table.buffer.cpus.append(
        .init(cpu: CPU(cpu), offset: offset, size: size, compression: compression))
    }
    return table
  }
}
