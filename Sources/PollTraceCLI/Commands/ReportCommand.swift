import ArgumentParser
import PollTrace
import PollTraceFile
import PollTraceReport

/// The command `polltrace report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show where a trace's halts went, vCPU by vCPU.",
    discussion: """
      Rebuilds every halt, checks each decision of the kernel against its rules, and shows what \
      polling won and cost.

      Exit codes: 0 done; 1 a trace could not be read; 2 done, but something is missing from the \
      data (lost events, damage, contradictions), which the report names; 64 wrong usage.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "Traces; - reads standard input.", completion: .file())
  var traces: [String]

  @Option(help: "How to show it.")
  var format = Format.text

  @Option(name: .shortAndLong, help: "Write to this file instead of standard output.")
  var output: String?

  @OptionGroup var analysis: AnalysisArguments

  func run() throws {
    let options = try analysis.options()
    let report = Report(try traces.map { try TraceReport(path: $0, options) })
    switch format {
    case .text: try Output.write(TextReport.text(report, Terminal.style), path: output)
    case .json: try Output.write(JSONReport.text(report), path: output)
    }
    try Completeness.check(report.ledger)
  }
}

/// What every command that reads traces says at its end.
enum Completeness {
  /// Exit code 2, with what is missing on standard error, where something is.
  static func check(_ ledger: Ledger) throws {
    let missing = ledger.entries.filter { $0.kind.severity == .incomplete }
    for entry in missing {
      let detail = entry.detail.isEmpty ? "" : " (\(entry.detail))"
      StandardError.say(
        "polltrace: \(Numbers.grouped(entry.count)) × \(entry.kind.explanation)\(detail)")
    }
    if !missing.isEmpty { throw ExitCode(2) }
  }
}

extension TraceReport {
  /// Reads the trace at `path`: once, and once more where its decisions show other settings.
  init(path: String, _ options: AnalysisOptions) throws {
    SharedFiles.explainCuts()
    let before = SharedFiles.state(of: path)
    let reader = try TraceFormats.open(path: path)
    self = reader.report(options, threads: Terminal.processors)
    if SharedFiles.state(of: path) != before { ledger.note(.changedWhileRead, 1, path) }
  }
}
