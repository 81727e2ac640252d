import PollTrace
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
    let trace = AnalysedTrace(reader, AnalysisOptions(), bins: HTMLReport.bins, threads: 1)
    let report = Report([trace.report])
    let advice = withAdvice ? advice(trace) : .notAsked("mutated")
    precondition(!TextReport.text(report, advice).isEmpty)
    precondition(!report.total.measures.block.buckets.isEmpty || !report.ledger.entries.isEmpty)
    let json: String
    do { json = try JSONReport.text(report, advice) } catch { preconditionFailure("\(error)") }
    precondition(json.hasSuffix("}\n"))
    precondition(HTMLReport.text(report, advice).hasSuffix("</html>\n"))
  }

  /// A recommendation from a few settings: what is replayed comes from the bytes as well.
  private static func advice(_ trace: AnalysedTrace) -> ReportAdvice {
    let vcpus = RecordedVCPU.all(trace.report, trace.scope, trace.logs(budget: 10_000))
    var adviser = Adviser(defaults: PollRules.newest.defaults(arch: nil), threads: 1)
    adviser.grid = PollGrid([
      PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2),
      PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 0),
      PollParameters(ceiling: .max, grow: .max, growStart: .max, shrink: 1),
    ])
    return adviser.advise(vcpus).map { .recommendation($0) } ?? .notAsked("no halts")
  }
}
