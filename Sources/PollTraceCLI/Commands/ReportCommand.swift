import ArgumentParser
import PollTrace
import PollTraceAnalysis
import PollTraceReplay
import PollTraceReport

/// The command `polltrace report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Report what to set or keep, who polls, and how long halts are.",
    discussion: """
      Rebuilds every halt, checks each decision of the kernel against its algorithm, and opens with the \
      answer. --details adds each figure, --all every vCPU of a large host. Lines keep to the terminal's \
      width, or to COLUMNS.

      A page of HTML (--format html) needs only a browser: it adds pictures of windows, halts and \
      settings, of the 32 vCPUs that poll most if there are more.

      Examples:
        polltrace report trace.dat
        polltrace report trace.dat --format html -o report.html
        polltrace report monday.dat tuesday.dat --vm web1 --format json

      Exit codes: 0 done; 1 no trace could be read; 2 done, but something is missing from the \
      data (one of several traces, lost events, damage, contradictions), which the report names; 64 wrong usage.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, html, csv }

  @Argument(help: "Traces; - reads standard input.", completion: .file())
  var traces: [OSString]

  @Option(help: "How to show it.")
  var format = Format.text

  @Option(
    name: .shortAndLong,
    help: "Write to this file instead of standard output; it is replaced as a whole, at the end.",
    completion: .file())
  var output: OSString?

  @Flag(
    inversion: .prefixedNo,
    help: "Add a recommendation (default up to a million halts), or leave it out.")
  var recommendation: Bool?

  @Flag(
    help:
      "Add each figure to the text: vCPUs (of a large host the 32 that waste the most), choices.")
  var details = false

  @Flag(help: "Add the same of every vCPU.")
  var all = false

  @OptionGroup var analysis: AnalysisArguments

  func validate() throws {
    if format == .html, Output.isTerminal(path: output) {
      throw ValidationError(
        "--format html: a terminal cannot show a page; for example -o report.html")
    }
  }

  func run() throws {
    let options = try analysis.options()
    // A table has no end to say it in.
    let advises = format == .csv ? false : recommendation
    let read = try AnalysedTraces(traces, options) { request in
      if format == .html { request.bins = HTMLReport.bins }
      if advises != false { request.logged = AnalysedTraces.logged / traces.count }
      if advises == nil { request.largest = Self.small / UInt64(traces.count) }
    }
    let report = read.report
    if let refusal = Refusal.noSuchVM(options, report) { throw refusal }
    let use = "Show it as text, JSON or CSV: polltrace report --format text"
    if format == .html, let refusal = Refusal.ofGuest(report, use: use) { throw refusal }
    if format == .csv, let refusal = Refusal.ofBothSides(report) { throw refusal }
    let advice =
      advises == false
      ? .notAsked("not asked for (--no-recommendation).")
      : Self.advice(report, isAsked: advises ?? false, read.vcpus())
    let text =
      switch format {
      case .text: Terminal.spelt(TextReport.text(report, advice, Terminal.style, extent))
      case .json: JSONReport.text(report, advice)
      case .csv: ReportTable.text(report)
      case .html: HTMLReport.text(report, advice)
      }
    try Output.write(text, path: output, notOneOf: traces)
    try Completeness.check(report.ledger)
  }
}

extension ReportCommand {
  private var extent: TextReport.Extent { all ? .all : details ? .details : .answer }

  /// More halts than this are replayed only where asked for.
  private static let small: UInt64 = 1_000_000

  private static func advice(
    _ report: Report, isAsked: Bool, _ vcpus: @autoclosure () -> [RecordedVCPU]
  ) -> ReportAdvice {
    if report.isGuests {
      return .notAsked("ask polltrace recommend, which says which guest_halt_poll_ns fits.")
    }
    if !isAsked, report.total.measures.halts > small {
      return .notAsked(
        "more than a million halts take a while; ask with --recommendation, or polltrace recommend."
      )
    }
    if report.total.measures.halts == 0, report.traces.contains(where: \.matchesNothing) {
      return .notAsked("no halts match the filters.")
    }
    return Adviser(report, threads: Processors.usable).advise(vcpus())
      .map { .recommendation($0) }
      ?? .notAsked(Refusal.nothingToReplay(report).paragraph)
  }
}

/// What every command that reads traces says at its end.
enum Completeness {
  /// Exit code 2, with what is missing on standard error, where something is.
  static func check(_ ledger: Ledger) throws {
    let missing = LedgerLine.all(of: ledger).filter { $0.kind.severity == .incomplete }
    for line in missing {
      StandardError.say("polltrace: \(line.sentence)")
      for place in line.further { StandardError.say("  \(place)") }
    }
    if !missing.isEmpty { throw ExitCode(2) }
  }
}
