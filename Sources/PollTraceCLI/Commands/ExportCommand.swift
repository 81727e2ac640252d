import ArgumentParser
import PollTrace
import PollTraceAnalysis
import PollTraceExport
import PollTraceReport

/// The command `polltrace export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Export a trace's halts for other tools, one by one or summed up.",
    discussion: """
      csv is one row a halt, or of a guest's recording one row an idle time, for DuckDB, pandas, Spark \
      and the like. perfetto is a timeline for https://ui.perfetto.dev: a track a vCPU, or a guest's CPU, \
      with its halts, its window, its decisions and who woke it; of one trace at a time, and best of some seconds of it (--from 10s --until 15s). \
      docs/export.md describes both. They are written while the trace is read, in memory that does \
      not grow with it.

      summary is a row a vCPU and interval, and a row a bucket of how long its halts lasted, for the \
      tables of many hosts (docs/fleet.md).

      A file of -o is replaced as a whole, at the end, and compressed where its name ends in .gz.

      Exit codes: 0 done; 1 could not be done; 2 done, but something is missing from the data (lost \
      events, damage, contradictions, one of several traces), which standard error names; 64 wrong usage.

      Examples: polltrace export trace.dat --to csv -o halts.csv
      polltrace export trace.dat --to perfetto -o trace.pftrace
      """)

  enum Target: String, ExpressibleByArgument, CaseIterable { case csv, perfetto, summary }

  @Argument(help: "Traces; - reads standard input.", completion: .file())
  var traces: [OSString]

  @Option(help: "For which tools.")
  var to: Target

  @Option(name: .shortAndLong, help: "Write to this file instead of standard output.")
  var output: OSString?

  @Option(
    help: "Sum up by intervals of this length in UTC (1h, 10s), instead of the whole recording.")
  var interval: String?

  @OptionGroup var labels: LabelArguments

  @OptionGroup var selection: SelectionArguments

  @Option(help: "Only halts that ended before this time since the first event.")
  var until: String?

  @OptionGroup var parameters: ParameterArguments

  func validate() throws {
    _ = try labels.labels()
    _ = try intervalLength()
    if to != .summary, interval != nil || !labels.label.isEmpty {
      throw ValidationError("--interval and --label are for --to summary")
    }
    guard to == .perfetto else { return }
    if traces.count > 1 {
      throw ValidationError("--to perfetto takes one trace: each host has a clock of its own")
    }
    if output == nil || output == "-", Terminal.isTerminal(1) {
      throw ValidationError("--to perfetto is binary: name a file with -o, or redirect the output")
    }
  }

  func run() throws {
    var read = try AnalysedTraces(
      traces, try selection.options(until: until, "--until", parameters)
    ) { $0.halts = true }
    if to == .perfetto,
      let trace = read.analyses.first(where: { !$0.report.trace.clock.isTime })
    {
      throw Refusal.noTimeline(trace.report.trace)
    }
    if let refusal = Refusal.ofBothSides(read.report) { throw refusal }
    if to == .summary {
      let use = "Its idle times one by one: polltrace export --to csv; summed up: polltrace report"
      if let refusal = Refusal.ofGuest(read.report, use: use) { throw refusal }
      return try summarize(&read)
    }
    let file = try Output(path: output, notOneOf: traces)
    var changed = Ledger()
    do {
      if to == .csv { try file.write(read.report.isGuests ? IdleTable.header : HaltTable.header) }
      for number in read.analyses.indices {
        guard try !write(&read.analyses[number], to: file) else { continue }
        changed.note(.changedWhileRead, 1, read.analyses[number].report.trace.path)
      }
    } catch is Output.ReaderIsGone {
      // What is missing is not known before the end.
      return
    }
    try file.commit()
    try say(read, changed)
  }

  /// What is missing, and the exit code that says so.
  private func say(_ read: AnalysedTraces, _ changed: Ledger) throws {
    var ledger = read.report.ledger
    ledger.merge(changed)
    for line in LedgerLine.all(of: ledger)
    where [.noHalts, .noMatch, .guestTrace, .guestIdles, .neverIdle].contains(line.kind) {
      StandardError.say("polltrace: \(line.sentence)")
    }
    try Completeness.check(ledger)
  }

  /// The length of an interval; nil where none is asked for.
  private func intervalLength() throws -> Nanoseconds? {
    guard let interval else { return nil }
    guard let length = Length.nanoseconds(interval, bare: 1e9), length > 0 else {
      throw ValidationError(
        "--interval \(Untrusted(interval).terminal): not a length of time; for example 1h or 10s")
    }
    return Nanoseconds(length)
  }

  /// Writes the summary of all traces: only at the end it is known how many rows there are.
  private func summarize(_ read: inout AnalysedTraces) throws {
    let (labels, length) = (try labels.labels(), try intervalLength())
    var summaries: [SummaryTable] = []
    var changed = Ledger()
    for number in read.analyses.indices {
      let trace = read.analyses[number].report.trace
      do throws(SummaryTable.Refusal) {
        var summary = try SummaryTable(read.analyses[number].report, every: length)
        if !read.analyses[number].halts({ summary.take($0) }) {
          changed.note(.changedWhileRead, 1, trace.path)
        }
        summaries.append(summary)
      } catch { throw Refusal.noSummary(trace, error) }
    }
    let file = try Output(path: output, notOneOf: traces)
    let total = summaries.reduce(0) { $0 + $1.rowCount }
    do {
      try file.write(SummaryTable.header)
      for summary in summaries { try file.write(summary.rows(labels, of: total)) }
    } catch is Output.ReaderIsGone { return }
    try file.commit()
    try say(read, changed)
  }

  /// Writes one trace's halts; false where it is not as it was any more.
  private func write(
    _ trace: inout TraceAnalysis, to file: borrowing Output
  ) throws -> Bool {
    switch to {
    case .csv where trace.report.guest != nil:
      var table = IdleTable(trace.report)
      return try trace.idles { batch throws(any Error) in try file.write(table.rows(of: batch)) }
    case .csv, .summary:
      var table = HaltTable(trace.report)
      return try trace.halts { batch throws(any Error) in try file.write(table.rows(of: batch)) }
    case .perfetto:
      var timeline = try HaltTimeline(trace.report)
      try file.write(timeline.beginning)
      if trace.report.guest != nil {
        return try trace.idles { batch throws(any Error) in
          try timeline.write(batch) { part in try file.write(part) }
        }
      }
      return try trace.halts { batch throws(any Error) in
        try timeline.write(batch) { part in try file.write(part) }
      }
    }
  }
}
