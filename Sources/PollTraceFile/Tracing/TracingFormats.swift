/// What tracefs says of its events, as trace-cmd and perf store it one after the other.
///
/// In a trace.dat of version 6 it follows the page size (trace-cmd.dat.v6.5.txt); perf.data has the
/// same behind a header of its own (linux tools/perf/util/trace-event-info.c).
struct TracingFormats {
  /// How ring-buffer pages are laid out (`events/header_page`).
  private(set) var pageLayout: Bytes
  /// The texts of the events' formats, by system.
  private(set) var events: [(system: String, text: Bytes)] = []

  /// Reads from `header_page` up to the addresses of functions and of format strings.
  init(_ reader: inout SectionReader) throws(TraceFileError) {
    pageLayout = try Self.named("header_page", &reader)
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

  private static func named(
    _ name: String, _ reader: inout SectionReader
  ) throws(TraceFileError) -> Bytes {
    let at = reader.position
    let found = try reader.text("the name of \(name)")
    guard found == name else {
      throw reader.malformed(
        "section names", expected: name, found: "'\(found.prefix(40))'", at: at)
    }
    return try reader.sized(name, UInt64.self)
  }
}
