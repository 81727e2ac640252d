import Fixtures
import PollTraceFile
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// The report on a text of one vCPU whose halts last `blocks` ns.
private func report(_ blocks: [UInt64], _ options: AnalysisOptions = .init()) throws -> TraceReport
{
  var script = TraceScript()
  for block in blocks { script.halt(1_000, block: block) }
  return TraceAnalysis(
    try TraceFormats.open(FtraceLines.file(FtraceLines.of(script.sorted)), path: "test"), options,
    threads: 2
  ).report
}

@Suite struct `Where a parameter comes from` {
  @Test(
    arguments: [
      // A closed window opens: grow_start alone.
      ([5_000], [.assumed, .assumed, .inferred, .assumed]),
      // And grows: grow.
      ([5_000, 15_000], [.assumed, .inferred, .inferred, .assumed]),
      // An open window shrinks after it has opened.
      ([5_000, 15_000, 300_000], [.assumed, .inferred, .inferred, .inferred]),
    ] as [([UInt64], [ParameterSource])])
  func `is said of each by itself: ceiling, grow, grow start, shrink`(
    blocks: [UInt64], sources: [ParameterSource]
  ) throws {
    let report = try report(blocks)
    #expect(report.sources.all == sources)
    let assumed = report.ledger.entries.first { $0.kind == .parametersAssumed }?.detail.terminal
    #expect(assumed?.contains("shrink") == (sources[3] == .assumed))
    #expect(assumed?.contains("grow_start") == (sources[2] == .assumed))
  }

  @Test func `is the decisions where halts on both sides leave one round ceiling`() throws {
    let report = try report([5_000, 15_000, 195_000, 203_000])
    #expect(report.sources.ceiling == .inferred)
    #expect(report.parameters.ceiling == 200_000)
    #expect(report.ledger.count(of: .ceilingNotShown) == 0)
  }

  @Test func `is the user for what the user names, and nothing else`() throws {
    var options = AnalysisOptions()
    options.parameters.shrink = 4
    let report = try report([5_000, 15_000], options)
    #expect(report.sources.shrink == .option)
    #expect(report.parameters.shrink == 4)
    #expect(report.sources.ceiling == .assumed)
  }
}
