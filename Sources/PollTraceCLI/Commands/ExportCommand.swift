import ArgumentParser
import PollTrace
import PollTraceExport
import PollTraceFile

/// The command `polltrace export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Hand a trace's halts to other tools, one by one.",
    discussion: """
      csv is one row a halt, for DuckDB, pandas, Spark and the like; docs/export.md describes its \
      columns. It is written while the trace is read, in memory that does not grow with it.

      Exit codes: 0 done; 1 could not be done; 2 done, but something is missing from the data (lost \
      events, damage, contradictions), which standard error names; 64 wrong usage.

      Example: polltrace export trace.dat --to csv -o halts.csv
      """)

  enum Target: String, ExpressibleByArgument, CaseIterable { case csv }

  @Argument(help: "Traces; - reads standard input.", completion: .file())
  var traces: [String]

  @Option(help: "For which tools.")
  var to: Target

  @Option(name: .shortAndLong, help: "Write to this file instead of standard output.")
  var output: String?

  @OptionGroup var selection: SelectionArguments

  @Option(help: "Only halts that ended before this time since the first event.")
  var until: String?

  @OptionGroup var laws: LawArguments

  func run() throws {
    let read = try ReadTraces.analysed(
      traces, try selection.options(until: until, "--until", laws))
    let file = try OutputFile(path: output, notOneOf: traces)
    var ledger = Report(read.map(\.report)).ledger
    do {
      switch to {
      case .csv: try write(read, to: file, &ledger)
      }
    } catch is OutputFile.ReaderIsGone {}
    try Completeness.check(ledger)
  }

  /// A table of all traces' halts, one trace after the other.
  private func write(
    _ traces: [AnalysedTrace], to file: borrowing OutputFile, _ ledger: inout Ledger
  ) throws {
    try file.write(HaltTable.header)
    for trace in traces {
      var table = HaltTable(trace.report)
      let isAsItWas = try trace.halts { batch throws(any Error) in
        try file.write(table.rows(of: batch))
      }
      if !isAsItWas { ledger.note(.changedWhileRead, 1, trace.report.trace.path) }
    }
  }
}
