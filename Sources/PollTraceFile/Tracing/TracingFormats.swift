internal import PollTrace

/// What tracefs says of its events, as trace-cmd and perf store it one after the other.
///
/// In a trace.dat of version 6 it follows the page size (trace-cmd.dat.v6.5.txt); perf.data has the
/// same behind a header of its own (linux tools/perf/util/trace-event-info.c).
struct TracingFormats {
  /// How ring-buffer pages are laid out (`events/header_page`).
  private(set) var pageLayout: Bytes
  /// What is wrong with it.
  private(set) var ledger = Ledger()
  /// The texts of the events' formats, by system.
  private(set) var events: [(system: String, text: Bytes)] = []

  /// Reads from `header_page` up to the addresses of functions and of format strings.
  init(_ reader: inout SectionReader) throws(TraceFileError) {
    pageLayout = try Self.pageLayout(&reader, &ledger)
    _ = try Self.named("header_event", &reader)
    for _ in 0..<(try reader.next("the number of ftrace events", UInt32.self)) {
      events.append(("ftrace", try reader.sized("an ftrace event's format", UInt64.self)))
    }
    for _ in 0..<(try reader.next("the number of event systems", UInt32.self)) {
      let system = try reader.text("an event system's name")
      for _ in 0..<(try reader.next("the number of events of \(system.prefix(40))", UInt32.self)) {
        events.append((system, try reader.sized("an event's format", UInt64.self)))
      }
    }
    _ = try reader.sized("kallsyms", UInt32.self)
    _ = try reader.sized("printk formats", UInt32.self)
  }

  private static func pageLayout(
    _ reader: inout SectionReader, _ ledger: inout Ledger
  ) throws(TraceFileError) -> Bytes {
    try expect("header_page", &reader)
    let start = reader.position
    let length = try reader.next("the length of header_page", UInt64.self)
    // Kernels before 2.6.30 do not describe their pages.
    if length == 0 { throw TraceFileError(path: reader.path, offset: start, problem: .tooOld) }
    let isRight = reader.bytes.begins(with: "header_event\0", at: length, from: reader.position)
    // trace-cmd wrote a wrong length here on some kernels (bugzilla.kernel.org 216999): then the
    // text ends where the next section begins.
    guard !isRight, let end = reader.bytes.find("header_event\0", from: start, within: 1 << 16)
    else {
      return try reader.fixed("header_page", length)
    }
    ledger.note(
      .oddLength, 1,
      "byte \(start): header_page: expected \(end - reader.position) bytes, found \(length)")
    return try reader.fixed("header_page", UInt64(max(0, end - reader.position)))
  }

  private static func named(
    _ name: String, _ reader: inout SectionReader
  ) throws(TraceFileError) -> Bytes {
    try expect(name, &reader)
    return try reader.sized(name, UInt64.self)
  }

  private static func expect(
    _ name: String, _ reader: inout SectionReader
  ) throws(TraceFileError) {
    let at = reader.position
    let found = try reader.text("the name of \(name)")
    guard found == name else {
      throw reader.malformed(
        "section names", expected: name, found: "'\(found.prefix(40))'", at: at)
    }
  }
}
