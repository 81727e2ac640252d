internal import PollTrace

/// A trace as `perf record` writes it, into a file or a pipe.
enum PerfData {
  static func recognises(_ file: Bytes) -> Bool { PerfHeader.recognises(file) }

  /// The trace in `file`; `opening` says what was wrong with the file around it.
  static func open(
    _ file: Bytes, at location: OSString, _ opening: Ledger
  ) throws(TraceFileError) -> any TraceReader {
    let path = location.shown
    let beginning = try PerfHeader(file, path: path)
    try AnotherRecording.refuse(file, behindPerfData: beginning.end, path: path)
    var records = PerfRecords(beginning, file, path: path)
    try records.readAll(
      and: records.header.features.isIndex ? try PerfFolder.parts(of: location) : [])
    let header = records.header
    guard let tracing = header.features.tracing else {
      throw TraceFileError(
        path: path,
        problem: .malformed(
          section: "the event formats", expected: "those of tracepoints",
          found: "none: no tracepoint was recorded, or the file is not whole"))
    }
    var description = TraceDescription(
      path: Untrusted(path), format: "perf.data", clock: clock(of: header),
      cpus: header.features.cpus ?? records.cpus)
    description.kernel = header.features.kernel.map { Untrusted($0) }
    description.arch = header.features.arch.map { Untrusted($0) }
    description.hasValidField = tracing.layouts.wakeup.map { $0.valid != nil } ?? true
    // An event's attribute says that it was switched on.
    let recorded = Set(
      header.attributes.tracepoints.compactMap { UInt16(exactly: $0) }
        .map { tracing.layouts.kinds[Int($0)] })
    let leftOut = leftOut(of: header, tracing)
    description.decisionsAreRecorded = recorded.contains(.decision)
    // Of a filtered event nobody knows what there was.
    description.wakeupsAreRecorded =
      !recorded.contains(.wakeup) ? false : leftOut.isEmpty ? true : nil
    description.hasSchedulerEvents =
      tracing.layouts.waking != nil && tracing.layouts.switched != nil
    description.mayShowGuestIdles =
      recorded.contains(.guestDecision) && recorded.contains(.idle)
    description.names = records.tasks.names.mapValues { Untrusted($0) }
    description.processes = records.tasks.processes
    var ledger = opening
    ledger.merge(header.ledger)
    ledger.merge(header.features.ledger)
    ledger.merge(tracing.layouts.ledger)
    for words in leftOut { ledger.note(.filteredEvents, 1, Untrusted(words)) }
    for id in header.attributes.tracepoints.subtracting(tracing.ids).sorted() {
      ledger.note(.damaged, 1, "the event formats: expected one of event \(id), found none")
    }
    return records.trace(description, ledger: ledger)
  }

  /// What perf was told to leave out of the events that halts are made of.
  private static func leftOut(of header: PerfHeader, _ tracing: PerfTracingData) -> [String] {
    let command = PerfCommand(header.features.arguments)
    let sampled = header.attributes.sampled.compactMap { id, words in
      UInt16(exactly: id).map { (kind: tracing.layouts.kinds[Int($0)], words: words) }
    }.filter { [.wakeup, .decision].contains($0.kind) }
    return command.leftOut(of: header.features.cpus)
      + Set(sampled.map { "perf record \($0.words)" }).sorted()
  }

  /// The clock of the tracepoints' samples.
  private static func clock(of header: PerfHeader) -> TraceDescription.Clock {
    guard let first = header.attributes.first, PerfSampleLayout(first).time >= 0 else {
      return .init(name: "none", isTime: false)
    }
    return .init(name: Untrusted(first.clockName), isTime: true)
  }
}
