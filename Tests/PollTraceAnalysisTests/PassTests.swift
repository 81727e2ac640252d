import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// A trace of `script`, recorded on `kernel`, in rounds that end at the `cuts`.
private func trace(
  _ script: TraceScript, kernel: String, cuts: [Timestamp] = []
) -> ScriptedTrace {
  var description = TraceDescription(
    path: "t", format: "script", clock: .init(name: "mono", isTime: true), cpus: 1)
  description.decisionsAreRecorded = true
  var facts = RecordedFacts()
  facts.kernel = Untrusted(kernel)
  facts.parameters = [.init(since: nil, parameters: script.settings.changes[0].parameters)]
  description.facts = facts
  return ScriptedTrace(script.sorted, description, cuts: cuts)
}

@Suite struct `Polls that succeed a little late` {
  /// The first halt opens a window of 10,000 ns, and grow 1 keeps it; each of 12,000 more polls for
  /// 100 ns longer, as before 5.17 the clock was asked twice.
  private static let script: TraceScript = {
    var script = TraceScript()
    script.settings = PollSettings(
      rules: .linux5_8,
      parameters: PollParameters(ceiling: 200_000, grow: 1, growStart: 10_000, shrink: 0))
    for _ in 0...12_000 {
      script.halt(1, block: 10_100, late: 100, hasSchedulerEvents: false)
    }
    return script
  }()

  @Test(arguments: [1, 2, 7], [0, 1, 5, 60])
  func `are counted by any threads in any rounds`(threads: Int, cuts: Int) throws {
    #expect(Self.script.truth.successfulPolls == 12_000)
    let last = try #require(Self.script.events.last?.time).rawValue
    let moments = (0..<cuts).map { Timestamp(last / UInt64(cuts + 1) * UInt64($0 + 1)) }
    let report = TraceAnalysis(
      trace(Self.script, kernel: "5.10.1", cuts: moments), AnalysisOptions(), threads: threads
    ).report
    let counters = report.total.kernelCounters
    #expect(report.settings.rules.name == "5.8")
    #expect(counters.attemptedPolls == 12_000)
    #expect(counters.successfulPolls == 12_000)
    #expect(report.total.fidelity.reproduced == Self.script.decisions)
  }
}

@Suite struct `A second pass` {
  private static func halts(before decision: Int) -> TraceScript {
    var script = TraceScript()
    for block in [15_000, 15_000, 25_000] as [UInt64] { script.halt(1, block: block) }
    // Recording began when the window was 40,000 ns wide.
    script.events = []
    for _ in 0..<decision { script.halt(1, block: 30_000, hasSchedulerEvents: false) }
    script.halt(1, block: 90_000, hasSchedulerEvents: false)
    return script
  }

  @Test(arguments: [(128, 1), (129, 2), (2_000, 2)])
  func `tells the windows of however many halts before the first decision`(
    halts: Int, passes: Int
  ) {
    let analysis = TraceAnalysis(
      trace(Self.halts(before: halts), kernel: "6.18.1"), AnalysisOptions(), threads: 2)
    #expect(analysis.passes == passes)
    #expect(analysis.report.total.unknownWindows == 0)
    #expect(analysis.report.total.kernelCounters.attemptedPolls == UInt64(halts) + 1)
    #expect(analysis.report.total.kernelCounters.successfulPolls == UInt64(halts))
  }

  @Test func `is made where a VM has a ceiling of its own, and no third`() {
    var script = TraceScript()
    script.ownCeilings[ThreadID(1)] = 500_000
    var random = Randomness(seed: 4)
    for _ in 0..<400 { script.halt(1, block: UInt64.random(in: 0...900_000, using: &random)) }
    var request = TraceAnalysis.Request()
    (request.bins, request.logged) = (24, 50)
    for request in [TraceAnalysis.Request(), request] {
      let analysis = TraceAnalysis(
        trace(script, kernel: "6.18.1"), AnalysisOptions(), request, threads: 2)
      #expect(analysis.passes == 2)
      #expect(analysis.report.vcpus.map(\.ceiling) == [500_000])
      #expect(analysis.report.total.fidelity.reproduced == script.decisions)
      #expect(analysis.report.total.gapsShown == 0)
    }
  }
}
