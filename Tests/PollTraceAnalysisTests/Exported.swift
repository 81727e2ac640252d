import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// What comes of a trace: its report, and its halts one by one.
struct Exported: Equatable {
  let report: TraceReport
  let halts: [ReportedHalt]
  let passes: Int

  init(_ analysis: consuming TraceAnalysis) {
    var analysis = analysis
    var halts: [ReportedHalt] = []
    let isAsItWas = analysis.halts { halts += $0 }
    #expect(isAsItWas)
    (self.halts, report, passes) = (halts, analysis.report, analysis.passes)
  }
}
