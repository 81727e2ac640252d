import Fixtures
import PollTraceFile
import PollTraceReport

@testable import PollTrace
@testable import PollTraceAnalysis

/// The report on the file `content`.
func report(of content: some Sequence<UInt8>, threads: Int = 2) throws -> TraceReport {
  try analysis(of: content, threads: threads).report
}

/// The analysis of the file `content`.
func analysis(
  of content: some Sequence<UInt8>, _ request: TraceAnalysis.Request = TraceAnalysis.Request(),
  threads: Int = 2
) throws -> TraceAnalysis {
  TraceAnalysis(
    try TraceFormats.open(Array(content), path: "test"), AnalysisOptions(), request,
    threads: threads)
}

/// A fixture read to its report.
func report(_ name: String, threads: Int = 2) throws -> TraceReport {
  try TraceAnalysis(
    path: Fixtures.trace("\(name).dat"), AnalysisOptions(), threads: threads
  ).report
}

extension TraceReport {
  /// The figures of all its vCPUs together.
  var total: Figures { Figures(totalOf: vcpus.map(\.figures)) }
}
