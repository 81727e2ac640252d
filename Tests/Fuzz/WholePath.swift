import PollTrace
import PollTraceFile
import PollTraceReport

/// The whole path from bytes to text and JSON, as `polltrace report` goes it.
enum WholePath {
  /// Takes `input` through it; what must hold of any bytes is checked here.
  static func run(_ input: [UInt8]) {
    let reader: any TraceReader
    do {
      reader = try TraceFormats.open(input, path: "input")
    } catch {
      return precondition(!error.description.isEmpty)
    }
    // One thread: a run must do the same each time.
    let report = Report([reader.report(AnalysisOptions(), threads: 1)])
    precondition(!TextReport.text(report).isEmpty)
    precondition(!report.total.measures.block.buckets.isEmpty || !report.ledger.entries.isEmpty)
    let json: String
    do { json = try JSONReport.text(report) } catch { preconditionFailure("\(error)") }
    precondition(json.hasSuffix("}\n"))
  }
}
