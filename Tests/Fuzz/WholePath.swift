import PollTrace
import PollTraceAnalysis
import PollTraceFile
import PollTraceReplay
import PollTraceReport

/// The whole path from bytes to text, JSON and a page, as `polltrace report` goes it.
enum WholePath {
  /// Takes `input` through it; what must hold of any bytes is checked here.
  ///
  /// A recommendation takes a hundred times as long as the rest: only where asked for.
  static func run(_ input: [UInt8], withAdvice: Bool = true) {
    let reader: any TraceReader
    do {
      reader = try TraceFormats.open(input, path: "input")
    } catch {
      return precondition(!error.description.isEmpty)
    }
    // One thread: a run must do the same each time.
    var request = TraceAnalysis.Request()
    request.bins = HTMLReport.bins
    request.logged = withAdvice ? 10_000 : nil
    let analysis = TraceAnalysis(reader, AnalysisOptions(), request, threads: 1)
    precondition(analysis.passes <= 2)
    let report = Report([analysis.report])
    let advice = withAdvice ? advice(analysis) : .notAsked("mutated")
    precondition(!TextReport.text(report, advice).isEmpty)
    precondition(!report.total.measures.block.buckets.isEmpty || !report.ledger.entries.isEmpty)
    precondition(JSONReport.text(report, advice).hasSuffix("}\n"))
    precondition(HTMLReport.text(report, advice).hasSuffix("</html>\n"))
  }

  /// A recommendation from a few settings: what is replayed comes from the bytes as well.
  private static func advice(_ analysis: TraceAnalysis) -> ReportAdvice {
    var adviser = Adviser(defaults: PollRules.newest.defaults(arch: nil), threads: 1)
    adviser.grid = PollGrid([
      PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2),
      PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 0),
      PollParameters(ceiling: .max, grow: .max, growStart: .max, shrink: 1),
    ])
    return adviser.advise(analysis.recorded().vcpus()).map { .recommendation($0) }
      ?? .notAsked("no halts")
  }
}
