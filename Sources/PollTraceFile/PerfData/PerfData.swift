internal import PollTrace

/// A trace as `perf record` writes it, into a file or a pipe.
enum PerfData {
  static func recognises(_ file: Bytes) -> Bool { PerfHeader.recognises(file) }

  /// The trace in `file`; `opening` says what was wrong with the file around it.
  static func open(
    _ file: Bytes, path: String, _ opening: Ledger
  ) throws(TraceFileError) -> any TraceReader {
    var records = PerfRecords(try PerfHeader(file, path: path), file, path: path)
    try records.readAll()
    let header = records.header
    guard let tracing = header.features.tracing else {
      throw TraceFileError(
        path: path,
        problem: .malformed(
          section: "the event formats", expected: "those of tracepoints",
          found: "none: no tracepoint was recorded, or the file is not whole"))
    }
    var description = TraceDescription(
      path: path, format: "perf.data", clock: clock(of: header),
      cpus: header.features.cpus ?? records.cpus)
    description.kernel = header.features.kernel
    description.arch = header.features.arch
    description.hasValidField = tracing.layouts.wakeup.map { $0.valid != nil } ?? true
    description.decisionsAreRecorded = header.attributes.tracepoints.contains {
      Int(exactly: $0).map {
        $0 < tracing.layouts.kinds.count && tracing.layouts.kinds[$0] == .decision
      }
        ?? false
    }
    description.hasSchedulerEvents =
      tracing.layouts.waking != nil && tracing.layouts.switched != nil
    description.names = records.tasks.names
    description.processes = records.tasks.processes
    var ledger = opening
    ledger.merge(header.ledger)
    ledger.merge(header.features.ledger)
    ledger.merge(tracing.layouts.ledger)
    for id in header.attributes.tracepoints.subtracting(tracing.ids).sorted() {
      ledger.note(.damaged, 1, "the event formats: expected one of event \(id), found none")
    }
    return records.trace(description, ledger: ledger)
  }

  /// The clock of the tracepoints' samples.
  private static func clock(of header: PerfHeader) -> TraceDescription.Clock {
    guard let first = header.attributes.first, PerfSampleLayout(first).time >= 0 else {
      return .init(name: "none", isTime: false)
    }
    return .init(name: first.clockName, isTime: true)
  }
}
