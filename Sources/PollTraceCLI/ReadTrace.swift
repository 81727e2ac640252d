import PollTrace
import PollTraceFile
import PollTraceReplay

/// A trace read for its report and, where asked, for a replay.
struct ReadTrace {
  let report: TraceReport
  /// Its vCPUs ready for replay; empty where not asked for.
  let vcpus: [RecordedVCPU]

  /// Halts that are replayed at most; of more, a sample spread over the recording is.
  static let budget = 400_000

  /// Reads the trace at `path`: once, and once more where its decisions show other settings.
  init(path: String, _ options: AnalysisOptions, forReplay: Bool = false) throws {
    let reader = try TraceFormats.open(path: path)
    let threads = Terminal.processors
    var analysis = TraceAnalysis(of: reader.description, begin: reader.begin, options)
    var reading = reader.tracks(in: analysis.scope, threads: threads)
    while analysis.learns(from: reading.tracks) {
      reading = reader.tracks(in: analysis.scope, threads: threads)
    }
    report = analysis.report(of: reading.tracks, reading.tally, opening: reader.ledger)
    guard forReplay, report.trace.clock.isTime, let begin = reading.tally.first,
      let end = reading.tally.last
    else {
      vcpus = []
      return
    }
    let logs = reader.logs(
      of: reading.tracks, in: analysis.scope, from: begin, to: end + Nanoseconds(1),
      budget: Self.budget, threads: threads)
    let host = [report.trace.facts?.host, report.trace.facts?.boot].compactMap(\.self)
      .joined(separator: " ")
    vcpus = report.vcpus.filter { $0.figures.measures.halts > 0 }.map { vcpu in
      let settings = analysis.scope.settings(of: vcpu.identity.thread)
      return RecordedVCPU(
        identity: vcpu.identity, host: host, figures: vcpu.figures,
        log: logs[vcpu.identity.thread] ?? HaltLog(), parameters: settings.parameters(at: end),
        rules: settings.rules, hasOwnCeiling: settings.ownCeiling != nil)
    }
  }
}

/// Several traces read for replay.
struct ReadTraces {
  let report: Report
  let vcpus: [RecordedVCPU]

  init(_ paths: [String], _ options: AnalysisOptions) throws {
    let read = try paths.map { try ReadTrace(path: $0, options, forReplay: true) }
    report = Report(read.map(\.report))
    vcpus = read.flatMap(\.vcpus)
  }
}

/// Why nothing can be predicted from a trace.
struct Refusal: Error, CustomStringConvertible {
  var description: String

  static func nothingToReplay(_ report: Report) -> Refusal {
    if let trace = report.traces.first(where: { !$0.trace.clock.isTime }) {
      return Refusal(
        description: "\(trace.trace.path): its clock \(trace.trace.clock.name) does not count time, "
          + "so nothing can be predicted; record with the clock mono")
    }
    let paths = report.traces.map(\.trace.path).joined(separator: ", ")
    return Refusal(
      description: "\(paths): no halts to replay; record while a VM runs "
        + "(polltrace check says what is missing), or drop the filters")
  }
}
