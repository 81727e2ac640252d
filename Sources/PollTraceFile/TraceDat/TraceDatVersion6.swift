internal import PollTrace

/// A trace.dat of version 6, taken apart from front to back.
///
/// trace-cmd Documentation/trace-cmd/trace-cmd.dat.v6.5.txt, with what it leaves out: a TRACECLOCK
/// option of size 0 announces the clocks' line behind the table of CPUs.
struct TraceDatVersion6 {
  private var reader: ByteReader
  private let path: String
  private var header: TraceDatHeader

  /// The header of `file`, whose magic and version `reader` has passed.
  static func header(
    _ file: Bytes, path: String, from position: Int
  ) throws(TraceFileError) -> TraceDatHeader {
    let isBigEndian = file.load(position, as: UInt8.self) == 1
    var version = TraceDatVersion6(
      reader: ByteReader(file, isBigEndian: isBigEndian, from: position + 2), path: path,
      header: TraceDatHeader(format: "trace.dat v6", isBigEndian: isBigEndian, pageSize: 4_096))
    try version.readAll()
    return version.header
  }

  /// The formats in `data`, which perf copies into its files as trace-cmd begins its own with them
  /// (linux tools/perf/util/trace-event-info.c).
  static func formats(
    in data: Bytes, path: String
  ) throws(TraceFileError) -> (formats: [(system: String, text: Bytes)], isBigEndian: Bool) {
    let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)
    guard data.starts(with: magic), let end = data.firstIndex(of: 0, from: magic.count) else {
      throw TraceFileError(
        path: path,
        problem: .malformed(section: "tracing data", expected: "'tracing'", found: "other bytes"))
    }
    let isBigEndian = data.load(end + 1, as: UInt8.self) == 1
    var version = TraceDatVersion6(
      reader: ByteReader(data, isBigEndian: isBigEndian, from: end + 3), path: path,
      header: TraceDatHeader(format: "perf.data", isBigEndian: isBigEndian, pageSize: 4_096))
    version.header.pageSize = try version.next("the page size", UInt32.self)
    try version.readPageLayout()
    try version.readFormats()
    return (version.header.formats, isBigEndian)
  }

  private mutating func readAll() throws(TraceFileError) {
    header.pageSize = try next("the page size", UInt32.self)
    try readPageLayout()
    try readFormats()
    _ = try sized("kallsyms", UInt32.self)
    _ = try sized("printk formats", UInt32.self)
    header.names = try sized("cmdlines", UInt64.self)
    header.cpus = Int(try next("the number of CPUs", UInt32.self))
    let before = reader.position
    var kind = try fixed("the kind of data", 10)
    if kind.starts(with: Array("options  ".utf8)) {
      try readOptions()
      kind = try fixed("the kind of data", 10)
    }
    if kind.starts(with: Array("latency  ".utf8)) {
      throw TraceFileError(
        path: path, offset: before,
        problem: .malformed(
          section: "kind of data", expected: "flyrecord", found: "latency, a trace as text"))
    }
    guard kind.starts(with: Array("flyrecord".utf8)) else {
      throw malformed("kind of data", expected: "flyrecord", found: quoted(kind), at: before)
    }
    try readBuffer(name: "")
    for option in header.options where option.id == OptionID.buffer { readInstance(option) }
  }

  private mutating func readPageLayout() throws(TraceFileError) {
    try expect("header_page")
    let start = reader.position
    let length = try next("the length of header_page", UInt64.self)
    // Kernels before 2.6.30 do not describe their pages.
    if length == 0 { throw TraceFileError(path: path, offset: start, problem: .tooOld) }
    let isRight = reader.bytes.begins(with: "header_event\0", at: length, from: reader.position)
    // trace-cmd wrote a wrong length here on some kernels (bugzilla.kernel.org 216999): then the
    // text ends where the next section begins.
    if !isRight, let end = reader.bytes.find("header_event\0", from: start, within: 1 << 16) {
      header.ledger.note(
        .oddLength, 1,
        "byte \(start): header_page: expected \(end - reader.position) bytes, found \(length)")
      readLayout(try fixed("header_page", UInt64(max(0, end - reader.position))))
    } else {
      readLayout(try fixed("header_page", length))
    }
    try expect("header_event")
    _ = try sized("header_event", UInt64.self)
  }

  private mutating func readLayout(_ content: Bytes) {
    // A text that makes no page leaves the usual 64-bit layout in place.
    if let layout = PageLayout(text: content.text) {
      header.pageLayout = layout
    } else {
      header.ledger.note(.damaged, 1, "header_page: expected the fields of a page, found others")
    }
  }

  private mutating func expect(_ name: String) throws(TraceFileError) {
    let at = reader.position
    let found = try text("the name of \(name)")
    guard found == name else {
      throw malformed("section names", expected: name, found: "'\(found.prefix(40))'", at: at)
    }
  }

  private mutating func readFormats() throws(TraceFileError) {
    for _ in 0..<(try next("the number of ftrace events", UInt32.self)) {
      header.formats.append(("ftrace", try sized("an ftrace event's format", UInt64.self)))
    }
    for _ in 0..<(try next("the number of event systems", UInt32.self)) {
      let system = try text("an event system's name")
      for _ in 0..<(try next("the number of events of \(system.prefix(40))", UInt32.self)) {
        header.formats.append((system, try sized("an event's format", UInt64.self)))
      }
    }
  }

  private mutating func readOptions() throws(TraceFileError) {
    while true {
      let at = reader.position
      let id = try next("an option", UInt16.self)
      if id == 0 { return }
      let content = try sized("option \(id)", UInt32.self)
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
    for cpu in 0..<max(header.cpus, counted) {
      let offset = try next("the table of CPUs", UInt64.self)
      let size = try next("the table of CPUs", UInt64.self)
      buffer.cpus.append(.init(cpu: CPU(UInt32(cpu)), offset: offset, size: size))
    }
    header.buffers.append(buffer)
    let announcesClock = header.options.contains {
      $0.id == OptionID.traceClock && $0.content.count == 0
    }
    guard name.isEmpty, announcesClock else { return }
    if counted > header.cpus { _ = try fixed("the empty pair behind the CPUs", 16) }
    // If it cannot be read the clock is taken for local, as trace-cmd does.
    header.clocks = try? sized("clocks", UInt64.self).text
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
    reader = ByteReader(reader.bytes, isBigEndian: header.isBigEndian, from: Int(offset))
    do {
      let kind = try fixed("the kind of data", 10)
      if kind.starts(with: Array("options  ".utf8)) {
        try skipOptions()
        _ = try fixed("the kind of data", 10)
      }
      try readBuffer(name: name.isEmpty ? "(unnamed)" : name)
    } catch {
      note(option, "instance \(name.prefix(40)): \(error.problem.explanation)")
    }
  }

  private mutating func skipOptions() throws(TraceFileError) {
    while try next("an option", UInt16.self) != 0 { _ = try sized("an option", UInt32.self) }
  }

  private mutating func note(_ option: TraceDatHeader.Option, _ words: String) {
    header.ledger.note(.damaged, 1, "byte \(option.offset): \(words)")
  }
}

extension TraceDatVersion6 {
  private mutating func next<Value: FixedWidthInteger & BitwiseCopyable>(
    _ section: String, _ type: Value.Type
  ) throws(TraceFileError) -> Value {
    do { return try reader.next(type) } catch { throw cut(section, error) }
  }

  private mutating func fixed(
    _ section: String, _ count: UInt64
  ) throws(TraceFileError) -> Bytes {
    do { return try reader.next(count) } catch { throw cut(section, error) }
  }

  private mutating func text(_ section: String) throws(TraceFileError) -> String {
    do { return try reader.nextString() } catch { throw cut(section, error) }
  }

  /// A length, and as many bytes.
  private mutating func sized<Length: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ section: String, _ type: Length.Type
  ) throws(TraceFileError) -> Bytes {
    let length = try next("the length of \(section)", type)
    return try fixed(section, UInt64(length))
  }

  private func cut(_ section: String, _ error: ByteReader.OutOfBytes) -> TraceFileError {
    TraceFileError(
      path: path, offset: error.offset,
      problem: .cutOff(section: section, needed: error.needed, left: error.left))
  }

  private func malformed(
    _ section: String, expected: String, found: String, at offset: Int
  ) -> TraceFileError {
    TraceFileError(
      path: path, offset: offset,
      problem: .malformed(section: section, expected: expected, found: found))
  }

  private func quoted(_ bytes: Bytes) -> String {
    "'" + bytes.text.unicodeScalars.map { $0.isASCII && $0.value >= 32 ? String($0) : "?" }.joined()
      + "'"
  }
}
