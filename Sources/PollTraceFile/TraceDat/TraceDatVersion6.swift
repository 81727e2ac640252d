internal import PollTrace

/// A trace.dat of version 6, taken apart from front to back.
///
/// trace-cmd Documentation/trace-cmd/trace-cmd.dat.v6.5.txt, with what it leaves out: a TRACECLOCK
/// option of size 0 announces the clocks' line behind the table of CPUs.
struct TraceDatVersion6 {
  private var reader: SectionReader
  private var header: TraceDatHeader

  /// The header of `file`, whose magic and version `reader` has passed.
  static func header(
    _ file: Bytes, path: String, from position: Int
  ) throws(TraceFileError) -> TraceDatHeader {
    let isBigEndian = file.load(position, as: UInt8.self) == 1
    var version = TraceDatVersion6(
      reader: SectionReader(file, path: path, isBigEndian: isBigEndian, from: position + 2),
      header: TraceDatHeader(format: "trace.dat v6", isBigEndian: isBigEndian, pageSize: 4_096))
    try version.readAll()
    return version.header
  }

  private mutating func readAll() throws(TraceFileError) {
    header.pageSize = try reader.next("the page size", UInt32.self)
    let formats = try TracingFormats(&reader)
    header.formats = formats.events
    header.ledger.merge(formats.ledger)
    // A text that makes no page leaves the usual 64-bit layout in place.
    if let layout = PageLayout(text: formats.pageLayout.text) {
      header.pageLayout = layout
    } else {
      header.ledger.note(.damaged, 1, "header_page: expected the fields of a page, found others")
    }
    header.names = try reader.sized("cmdlines", UInt64.self)
    header.cpus = Int(try reader.next("the number of CPUs", UInt32.self))
    let before = reader.position
    var kind = try reader.fixed("the kind of data", 10)
    if kind.starts(with: Array("options  ".utf8)) {
      try readOptions()
      kind = try reader.fixed("the kind of data", 10)
    }
    if kind.starts(with: Array("latency  ".utf8)) {
      throw reader.malformed(
        "kind of data", expected: "flyrecord", found: "latency, a trace as text", at: before)
    }
    guard kind.starts(with: Array("flyrecord".utf8)) else {
      throw reader.malformed(
        "kind of data", expected: "flyrecord", found: reader.quoted(kind), at: before)
    }
    try readBuffer(name: "")
    for option in header.options where option.id == OptionID.buffer { readInstance(option) }
  }

  private mutating func readOptions() throws(TraceFileError) {
    while true {
      let at = reader.position
      let id = try reader.next("an option", UInt16.self)
      if id == 0 { return }
      let content = try reader.sized("option \(id)", UInt32.self)
      header.options.append(.init(id: id, offset: at, content: content))
    }
  }

  /// The table of offsets and sizes, and the clocks' line behind it.
  private mutating func readBuffer(name: String) throws(TraceFileError) {
    var buffer = TraceDatHeader.Buffer(name: name, pageSize: header.pageSize, cpus: [])
    // A CPUCOUNT option that counts more CPUs than the header is right, and an empty pair follows
    // for older readers.
    let counted = countedCPUs
    defer { header.cpus = max(header.cpus, counted) }
    if header.cpus == 0, counted == 0 {
      header.ledger.note(.damaged, 1, "the number of CPUs: expected 1 or more, found 0")
    }
    for cpu in 0..<max(header.cpus, counted) {
      let offset = try reader.next("the table of CPUs", UInt64.self)
      let size = try reader.next("the table of CPUs", UInt64.self)
      buffer.cpus.append(.init(cpu: CPU(UInt32(cpu)), offset: offset, size: size))
    }
    header.buffers.append(buffer)
    let announcesClock = header.options.contains {
      $0.id == OptionID.traceClock && $0.content.count == 0
    }
    guard name.isEmpty, announcesClock else { return }
    if counted > header.cpus { _ = try reader.fixed("the empty pair behind the CPUs", 16) }
    // If it cannot be read the clock is taken for local, as trace-cmd does.
    header.clocks = try? reader.sized("clocks", UInt64.self).text
  }

  /// What a CPUCOUNT option says, 0 without one; other contents under its id are a fork's own.
  private var countedCPUs: Int {
    for option in header.options where option.id == OptionID.cpuCount && option.content.count == 4 {
      var content = ByteReader(option.content, isBigEndian: header.isBigEndian)
      return Int((try? content.next(UInt32.self)) ?? 0)
    }
    return 0
  }

  /// An instance's buffer: at the option's offset stands another block of options and a table.
  private mutating func readInstance(_ option: TraceDatHeader.Option) {
    var content = ByteReader(option.content, isBigEndian: header.isBigEndian)
    guard let offset = try? content.next(UInt64.self) else {
      return note(option, "option BUFFER of \(option.content.count) bytes, at least 8 expected")
    }
    let name = (try? content.nextString()) ?? ""
    guard offset < UInt64(reader.bytes.count) else {
      return note(option, "option BUFFER points at byte \(offset), beyond the end")
    }
    reader = SectionReader(
      reader.bytes, path: reader.path, isBigEndian: header.isBigEndian, from: Int(offset))
    do {
      let kind = try reader.fixed("the kind of data", 10)
      if kind.starts(with: Array("options  ".utf8)) {
        try skipOptions()
        _ = try reader.fixed("the kind of data", 10)
      }
      try readBuffer(name: name.isEmpty ? "(unnamed)" : name)
    } catch {
      note(option, "instance \(name.prefix(40)): \(error.problem.explanation)")
    }
  }

  private mutating func skipOptions() throws(TraceFileError) {
    while try reader.next("an option", UInt16.self) != 0 {
      _ = try reader.sized("an option", UInt32.self)
    }
  }

  private mutating func note(_ option: TraceDatHeader.Option, _ words: Untrusted) {
    header.ledger.note(.damaged, 1, "byte \(option.offset): \(words)")
  }
}
