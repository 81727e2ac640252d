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

  @Test(arguments: UInt64(0)..<20)
  func `hold across the parts of a trace`(seed: UInt64) throws {
    let (script, settings) = Self.script(seed: seed, late: 10_000_000)
    let cuts = stride(from: 100, to: script.events.count, by: 100).map(\.self)
    let tracks = script.tracks(cutAt: cuts, scope: TrackScope(settings: settings))
    #expect(tracks.tracks.allSatisfy { $0.chain.fidelity.contradicted == 0 })
  }

  @Test(arguments: [false, true])
  func `hold at the end of a halt that began before`(areMixed: Bool) throws {
    let earlier = PollParameters(ceiling: 1_000_000, grow: 3, growStart: 40_000, shrink: 4)
    let later = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 0)
    // The ceiling is written first, and the halt ends before the rest is.
    var changed = areMixed ? earlier : later
    changed.ceiling = later.ceiling
    var script = TraceScript()
    script.settings.changes = [.init(since: Timestamp(0), parameters: earlier)]
    for _ in 0..<3 { script.halt(1, block: 400_000) }
    let before = try #require(script.events.last?.time)
    // With a window of 360 µs, which a ceiling of 200 µs at its begin would have cut.
    script.halt(1, block: 400_000, changed: changed)
    script.settings.changes[0].parameters = later
    for _ in 0..<10 { script.halt(1, block: 100_000) }
    let settings = PollSettings(
      rules: .newest,
      changes: [
        .init(since: Timestamp(0), parameters: earlier),
        .init(since: before + 1_000_000_000, notBefore: before, parameters: later),
      ])
    let track = try #require(script.tracks(scope: TrackScope(settings: settings)).tracks.first)
    #expect(script.decisions >= 5)
    #expect(track.chain.fidelity.reproduced == script.decisions)
    #expect(track.chain.fidelity.contradicted == 0)
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
