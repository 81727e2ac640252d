internal import PollTrace

/// What perf says of the machine and the recording: the features of a perf.data.
///
/// linux tools/perf/Documentation/perf.data-file-format.txt.
struct PerfFeatures {
  private(set) var kernel: String?
  private(set) var arch: String?
  private(set) var cpus: Int?
  /// The formats of the recorded tracepoints.
  private(set) var tracing: PerfTracingData?
  /// When the first sample was taken and when the last.
  private(set) var span: (first: Timestamp, last: Timestamp)?
  /// The command line that recorded it.
  private(set) var arguments: [String] = []
  /// Whether the samples lie in files beside it (`perf record --threads`).
  private(set) var isIndex = false
  /// Whether records were compressed.
  private(set) var isCompressed = false
  private(set) var ledger = Ledger()

  private enum ID {
    static let tracingData = 1, kernel = 4, arch = 6, cpus = 7, arguments = 11, span = 21,
      folder = 24, compressed = 27
  }
  /// How many there may be.
  static let most = 256

  /// Takes feature `id` in, whose content begins at byte `offset` of the file.
  mutating func take(
    _ id: Int, _ content: Bytes, at offset: Int, path: String, isBigEndian: Bool
  ) throws(TraceFileError) {
    var reader = SectionReader(content, path: path, isBigEndian: isBigEndian, origin: offset)
    do {
      switch id {
      case ID.tracingData:
        tracing = try PerfTracingData(content, path: path, origin: offset)
      case ID.kernel: kernel = try Self.string(&reader)
      case ID.arch: arch = try Self.string(&reader)
      case ID.cpus:
        _ = try reader.next("the number of CPUs", UInt32.self)
        cpus = Int(try reader.next("the number of CPUs", UInt32.self))
      case ID.span:
        let first = try reader.next("the samples' times", UInt64.self)
        span = (Timestamp(first), Timestamp(try reader.next("the samples' times", UInt64.self)))
      case ID.arguments:
        let count = try reader.next("the number of arguments", UInt32.self)
        for _ in 0..<min(count, 1 << 12) { arguments.append(try Self.string(&reader)) }
      case ID.folder: isIndex = true
      case ID.compressed: isCompressed = true
      default: break
      }
    } catch {
      // Nothing can be read without the formats; the rest is good to know.
      if id == ID.tracingData { throw error }
      ledger.note(.damaged, 1, "feature \(id), byte \(offset): \(error.problem.explanation)")
    }
  }

  private static func string(_ reader: inout SectionReader) throws(TraceFileError) -> String {
    String(try reader.sized("a text", UInt32.self).text.prefix { $0 != "\0" })
  }
}

/// The formats of the recorded tracepoints, as perf stores them: much like a trace.dat's head.
///
/// linux tools/perf/util/trace-event-info.c, tracing_data_get().
struct PerfTracingData: Sendable {
  private(set) var layouts = EventLayouts()
  private(set) var signs = SignLayouts()
  /// The numbers of all events whose format is there.
  private(set) var ids: Set<UInt64> = []
  let isBigEndian: Bool

  init(_ content: Bytes, path: String, origin: Int) throws(TraceFileError) {
    isBigEndian = content.load(Self.byteOrder(content), as: UInt8.self) == 1
    var reader = SectionReader(content, path: path, isBigEndian: isBigEndian, origin: origin)
    let magic = try reader.fixed("the event formats", UInt64(TraceDatHeader.magic.count))
    guard magic.starts(with: TraceDatHeader.magic) else {
      throw reader.malformed(
        "event formats", expected: "tracing", found: reader.quoted(magic), at: 0)
    }
    _ = try reader.text("the version of the event formats")
    _ = try reader.fixed("the event formats", 2)
    _ = try reader.next("the page size", UInt32.self)
    let events = try TracingFormats(&reader).events
    for (system, text) in events {
      if let id = FormatText(text.text).id { ids.insert(UInt64(id)) }
      if EventLayouts.systems.contains(system) { layouts.add(text.text, system: system) }
    }
    signs = SignLayouts(events, layouts, isBigEndian: isBigEndian)
  }

  /// Where the byte order stands: behind the version.
  private static func byteOrder(_ content: Bytes) -> Int {
    (content.firstIndex(of: 0, from: TraceDatHeader.magic.count) ?? content.count) + 1
  }
}
