import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

@Suite struct `Parameters that were not recorded` {
  @Test(
    arguments: [
      (PollRules.linux4_7, PollParameters(ceiling: 400_000, grow: 3, growStart: 10_000, shrink: 0)),
      (.linux5_8, PollParameters(ceiling: 200_000, grow: 2, growStart: 25_000, shrink: 4)),
      (.linux5_15, PollParameters(ceiling: 300_000, grow: 2, growStart: 20_000, shrink: 2)),
      (.linux6_1, PollParameters(ceiling: 2_000_000, grow: 4, growStart: 50_000, shrink: 2)),
      (.linux6_11, PollParameters(ceiling: 150_000, grow: 5, growStart: 7_000, shrink: 3)),
    ])
  func `follow from the decisions`(rules: PollRules, parameters: PollParameters) {
    var script = TraceScript()
    script.settings = PollSettings(rules: rules, parameters: parameters)
    var random = Randomness(seed: 11)
    for _ in 0..<3_000 {
      let most = UInt64(parameters.ceiling) * UInt64.random(in: 1...2, using: &random)
      script.halt(1, block: UInt64.random(in: 0...most, using: &random))
    }
    var description = TraceDescription(
      path: "t", format: "test", clock: .init(name: "mono", isTime: true), cpus: 1)
    description.kernel = Untrusted(rules.name + ".0")
    var learning = Learning(of: description, begin: nil, AnalysisOptions())
    let isNew = learning.learns(from: script.tracks(scope: learning.scope))
    #expect(isNew)
    let found = learning.scope.settings.changes[0].parameters
    #expect(found.grow == parameters.grow)
    #expect(found.shrink == parameters.shrink)
    #expect(found.growStart == parameters.growStart)
    #expect(found.ceiling == parameters.ceiling)
    let track = script.tracks(scope: learning.scope)[0]
    #expect(track.fidelity.reproduced == script.decisions)
    #expect(track.fidelity.refused == 0)
    #expect(track.gapsShown == 0)
  }
}
