import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// A description of a trace of the script, recorded on Linux 6.18 with its parameters.
private func description(_ changes: [PollSettings.Change]) -> TraceDescription {
  var description = TraceDescription(
    path: "t", format: "test", clock: .init(name: "mono", isTime: true), cpus: 1)
  description.decisionsAreRecorded = true
  var facts = RecordedFacts()
  facts.kernel = "6.18.1"
  facts.parameters = changes.map {
    .init(since: $0.since, notBefore: $0.notBefore, parameters: $0.parameters)
  }
  description.facts = facts
  return description
}

extension TraceScript {
  /// What a second pass would know of the script.
  fileprivate var learnt: Learning {
    var learning = Learning(of: description(settings.changes), begin: nil, AnalysisOptions())
    let isNew = learning.learns(from: tracks(scope: learning.scope))
    #expect(isNew)
    return learning
  }
}

@Suite struct `A first pass` {
  @Test func `shows a ceiling of the VM's own`() {
    var script = TraceScript()
    script.ownCeilings[ThreadID(1)] = 500_000
    var random = Randomness(seed: 1)
    for _ in 0..<500 { script.halt(1, block: UInt64.random(in: 0...900_000, using: &random)) }
    var learning = script.learnt
    #expect(learning.scope.settings(of: ThreadID(1)).ownCeiling == 500_000)
    let tracks = script.tracks(scope: learning.scope)
    let isNew = learning.learns(from: tracks)
    #expect(!isNew)
    #expect(tracks[0].fidelity.contradicted == 0)
    #expect(tracks[0].gapsShown == 0)
    #expect(tracks[0].fidelity.reproduced == script.decisions)
  }

  @Test func `shows that a VM does not poll at all`() {
    var script = TraceScript()
    script.ownCeilings[ThreadID(1)] = 0
    var random = Randomness(seed: 2)
    for _ in 0..<200 { script.halt(1, block: UInt64.random(in: 0...900_000, using: &random)) }
    let learning = script.learnt
    #expect(learning.scope.settings(of: ThreadID(1)).ownCeiling == 0)
    let figures = Figures(script.tracks(scope: learning.scope)[0], over: .zero)
    #expect(figures.kernelCounters.attemptedPolls == 0)
    #expect(figures.unknownWindows == 0)
  }

  @Test func `does not take parameters that change for a ceiling of the VM's own`() {
    let steps = [
      PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2),
      PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2),
      PollParameters(ceiling: 1_000_000, grow: 3, growStart: 20_000, shrink: 4),
    ]
    var random = Randomness(seed: 1)
    var script = TraceScript()
    var changes: [PollSettings.Change] = []
    for parameters in steps {
      let now = script.events.last?.time ?? Timestamp(0)
      changes.append(
        PollSettings.Change(
          since: changes.isEmpty ? now : now + 10_000_000, notBefore: now, parameters: parameters))
      script.settings = PollSettings(rules: .newest, parameters: parameters)
      for _ in 0..<300 { script.halt(1, block: UInt64.random(in: 0...400_000, using: &random)) }
    }
    var learning = Learning(of: description(changes), begin: nil, AnalysisOptions())
    var tracks = script.tracks(scope: learning.scope)
    if learning.learns(from: tracks) { tracks = script.tracks(scope: learning.scope) }
    #expect(learning.scope.ownSettings.isEmpty)
    #expect(tracks.allSatisfy { $0.fidelity.contradicted == 0 })
  }
}
