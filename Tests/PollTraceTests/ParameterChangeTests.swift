import Testing

@testable import PollTrace

@Suite struct `Parameters that change while recording` {
  /// A vCPU under three settings, each seen `late` ns after it came to hold.
  private static func script(
    seed: UInt64, late: UInt64
  ) -> (script: TraceScript, settings: PollSettings) {
    let steps = [
      PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2),
      PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2),
      PollParameters(ceiling: 1_000_000, grow: 3, growStart: 20_000, shrink: 4),
    ]
    var random = SplitMix64(seed: seed)
    var script = TraceScript()
    var changes: [PollSettings.Change] = []
    for parameters in steps {
      let now = script.events.last?.time ?? Timestamp(0)
      changes.append(
        PollSettings.Change(
          since: changes.isEmpty ? now : now + Nanoseconds(late), notBefore: now,
          parameters: parameters))
      script.settings = PollSettings(rules: .newest, parameters: parameters)
      for _ in 0..<300 {
        script.halt(1, block: UInt64.random(in: 0...400_000, using: &random))
      }
    }
    return (script, PollSettings(rules: .newest, changes: changes))
  }

  @Test(arguments: UInt64(0)..<20)
  func `hold from when the decisions show them, not from when they were seen`(seed: UInt64) throws {
    let (script, settings) = Self.script(seed: seed, late: 10_000_000)
    let tracks = script.tracks(scope: TrackScope(settings: settings))
    let track = try #require(tracks.tracks.first)
    #expect(track.chain.fidelity.recorded == script.decisions)
    #expect(track.chain.fidelity.reproduced == script.decisions)
    #expect(track.chain.fidelity.faults == 0)
    // A window that closes in silence is seen at the first halt that an open one would have moved.
    let attempted = track.chain.account.kernelCounters.attemptedPolls
    #expect(attempted >= script.truth.attemptedPolls)
    #expect(attempted <= script.truth.attemptedPolls + 3)
  }

  @Test func `are not taken for a ceiling of the VM's own`() {
    let (script, settings) = Self.script(seed: 1, late: 10_000_000)
    var trace = TraceDescription(
      path: "script", format: "script", clock: .init(name: "mono", isTime: true), cpus: 1)
    trace.facts = RecordedFacts()
    trace.facts?.parameters = settings.changes.map {
      .init(since: $0.since, notBefore: $0.notBefore, parameters: $0.parameters)
    }
    var analysis = TraceAnalysis(of: trace, begin: nil, AnalysisOptions())
    var readings = 1
    var tracks = script.tracks(scope: analysis.scope)
    while analysis.learns(from: tracks) {
      tracks = script.tracks(scope: analysis.scope)
      readings += 1
    }
    #expect(readings <= 3)
    #expect(analysis.scope.ownSettings.isEmpty)
    #expect(tracks.tracks.allSatisfy { $0.chain.fidelity.contradicted == 0 })
  }
}
