import Fixtures
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
    var random = Randomness(seed: seed)
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
    let track = try #require(script.tracks(scope: TrackScope(settings: settings)).first)
    #expect(track.fidelity.recorded == script.decisions)
    #expect(track.fidelity.reproduced == script.decisions)
    #expect(track.fidelity.contradicted == 0)
    #expect(track.fidelity.refused == 0)
    #expect(track.gapsShown == 0)
    // A window that closes in silence is seen at the first halt that an open one would have moved.
    let attempted = track.account.kernelCounters.attemptedPolls
    #expect(attempted >= script.truth.attemptedPolls)
    #expect(attempted <= script.truth.attemptedPolls + 3)
  }

  @Test(arguments: UInt64(0)..<20)
  func `hold wherever rounds end`(seed: UInt64) {
    let (script, settings) = Self.script(seed: seed, late: 10_000_000)
    let cuts = stride(from: 100, to: script.events.count, by: 100).map(\.self)
    let scope = TrackScope(settings: settings)
    let whole = script.tracks(scope: scope).map { Figures($0, over: .zero) }
    #expect(script.tracks(cutAt: cuts, scope: scope).map { Figures($0, over: .zero) } == whole)
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
    let track = try #require(script.tracks(scope: TrackScope(settings: settings)).first)
    #expect(script.decisions >= 5)
    #expect(track.fidelity.reproduced == script.decisions)
    #expect(track.fidelity.contradicted == 0)
  }
}
