import Testing

@testable import PollTrace

extension TraceScript {
  /// Some vCPUs with random halts.
  fileprivate static func random(seed: UInt64, vcpus: Int32 = 3, halts: Int = 400) -> TraceScript {
    var random = SplitMix64(seed: seed)
    var script = TraceScript()
    for _ in 0..<halts {
      let thread = Int32.random(in: 1...vcpus, using: &random)
      script.halt(
        thread, on: UInt32.random(in: 0...2, using: &random),
        busy: UInt64.random(in: 500...20_000, using: &random),
        block: UInt64.random(
          in: 0...(Bool.random(using: &random) ? 60_000 : 400_000), using: &random),
        abandonedAfter: UInt64.random(in: 0...9, using: &random) == 0 ? 300 : nil)
    }
    return script
  }
}

@Suite struct `The tracks of a host` {
  @Test(arguments: UInt64(0)..<20)
  func `rebuild KVM's counters`(seed: UInt64) {
    let script = TraceScript.random(seed: seed)
    let figures = Figures(
      totalOf: script.tracks().tracks.map { Figures($0, over: .zero) })
    let counters = figures.kernelCounters
    #expect(counters.attemptedPolls == script.truth.attemptedPolls)
    #expect(counters.successfulPolls == script.truth.successfulPolls)
    #expect(counters.successfulPollTime == script.truth.successfulPollTime)
    #expect(counters.successfulPollHistogram == script.truth.successfulPollHistogram)
    let fail = Double(script.truth.failedPollTime.rawValue)
    #expect(abs(Double(counters.failedPollTime.rawValue) - fail) <= 0.05 * fail)
    #expect(figures.measures.halts == 400)
  }

  @Test(arguments: UInt64(0)..<20)
  func `reproduce every decision`(seed: UInt64) {
    let script = TraceScript.random(seed: seed)
    let fidelity = script.tracks().tracks.reduce(into: Fidelity()) { $0.merge($1.chain.fidelity) }
    #expect(fidelity.recorded == script.decisions)
    #expect(fidelity.reproduced == script.decisions)
    #expect(fidelity.refused == 0)
    #expect(fidelity.unknown == 0)
  }

  @Test(arguments: UInt64(0)..<40)
  func `do not depend on where a trace is cut`(seed: UInt64) {
    var random = SplitMix64(seed: seed &+ 1_000)
    let script = TraceScript.random(seed: seed)
    let count = script.events.count
    let cuts = (0..<Int.random(in: 1...6, using: &random))
      .map { _ in Int.random(in: 0...count, using: &random) }.sorted()
    let whole = script.tracks().tracks.sorted { $0.thread < $1.thread }
    let parts = script.tracks(cutAt: cuts).tracks.sorted { $0.thread < $1.thread }
    #expect(parts == whole, "cut at \(cuts)")
  }

  @Test(arguments: [4, 30, 31, 60, 200])
  func `do not depend on where a trace is cut if a vCPU may not poll any more`(cut: Int) {
    var script = TraceScript()
    for _ in 0..<8 { script.halt(1, block: 150_000) }
    script.mayPoll = false
    for index in 0..<200 { script.halt(1, block: index % 7 == 0 ? 5_000 : 1_000_000) }
    let whole = script.tracks().tracks
    let parts = script.tracks(cutAt: [cut * script.events.count / 300]).tracks
    #expect(parts == whole)
    let figures = Figures(whole[0], over: .zero)
    #expect(figures.fidelity.refused == 200 - 29)
    #expect(figures.kernelCounters.attemptedPolls == script.truth.attemptedPolls + 29)
  }

  @Test func `know the window of halts before the first decision`() {
    var script = TraceScript()
    for block in [5_000, 15_000, 25_000, 30_000, 31_000, 32_000, 90_000] as [UInt64] {
      script.halt(1, block: block)
    }
    // Recording began when the window had opened: the first three halts are not in the trace.
    let late = script.sorted.filter { $0.time > Timestamp(1_048_500) }
    var tracks = HostTracks(scope: TrackScope(settings: script.settings))
    tracks.take(late.span)
    tracks.finish(at: Timestamp(2_000_000))
    let figures = Figures(tracks.tracks[0], over: .zero)
    #expect(figures.measures.halts == 4)
    #expect(figures.unknownWindows == 0)
    #expect(figures.kernelCounters.attemptedPolls == 4)
    #expect(figures.kernelCounters.successfulPolls == 3)
  }

  @Test func `guess nothing across a loss`() {
    var script = TraceScript()
    for block in [5_000, 15_000, 17_000, 18_000] as [UInt64] { script.halt(1, block: block) }
    let before = script.sorted
    script.events = []
    script.halt(1, block: 19_000)
    script.halt(1, block: 19_500)
    script.halt(1, block: 30_000)
    script.halt(1, block: 31_000)
    let lost = Event(
      time: before[before.count - 1].time + Nanoseconds(1), cpu: CPU(0), thread: ThreadID(0),
      kind: .lost(count: 4))
    var tracks = HostTracks(scope: TrackScope(settings: script.settings))
    tracks.take(before.span)
    tracks.take([lost].span)
    tracks.take(script.sorted.span)
    tracks.finish(at: Timestamp(3_000_000))
    let track = tracks.tracks[0]
    #expect(track.gaps == 1)
    // The first halt after the loss may have had a decision; the second one is known backwards.
    #expect(track.chain.fidelity.unknown == 1)
    #expect(track.chain.fidelity.contradicted == 0)
    #expect(track.measures.halts == 8)
  }

  @Test func `are not broken by a loss on a CPU where they never ran`() {
    var script = TraceScript()
    script.halt(1, on: 0, block: 5_000)
    let lost = Event(
      time: script.sorted[script.events.count - 1].time, cpu: CPU(5), thread: ThreadID(0),
      kind: .lost(count: nil))
    script.events.append(lost)
    script.halt(1, on: 0, block: 15_000)
    #expect(script.tracks().tracks.first { $0.thread == ThreadID(1) }?.gaps == 0)
  }

  @Test(arguments: [false, true])
  func `miss events where their CPU lost some before they were seen, or after`(isAfter: Bool) {
    var script = TraceScript()
    for block in [5_000, 15_000, 25_000] as [UInt64] { script.halt(1, on: 0, block: block) }
    script.halt(2, on: 1, block: 5_000)
    let (begin, end) = (script.sorted[0].time, script.sorted[script.events.count - 1].time)
    // Another thread's event behind the loss, on the CPU where vCPU 1 was.
    let time = isAfter ? end + Nanoseconds(5_000) : begin
    let at = isAfter ? script.events.count : 0
    script.events.insert(
      contentsOf: [
        Event(time: time, cpu: CPU(0), thread: ThreadID(0), kind: .lost(count: 3)),
        Event(
          time: time, cpu: CPU(0), thread: ThreadID(7),
          kind: .switched(next: .idle, stillRunnable: false)),
      ], at: at)
    let tracks = script.tracks().tracks
    let track = tracks.first { $0.thread == ThreadID(1) }
    #expect(track?.gaps == 1)
    #expect(track?.measures.halts == 3)
    #expect(tracks.first { $0.thread == ThreadID(2) }?.gaps == 0)
    // Behind a loss nobody knows where the window stands.
    #expect((track?.chain.windows.now == nil) == isAfter)
  }

  @Test func `are broken by a loss that goes on after they have left its CPU`() {
    var script = TraceScript()
    script.halt(1, on: 0, block: 5_000)
    // Lost: the window grows to 20,000 on CPU 0, which is full until the thread is long on CPU 1.
    let seen = script.events.count
    script.halt(1, on: 0, block: 15_000)
    script.events.removeSubrange(seen...)
    script.halt(1, on: 1, block: 25_000)
    script.halt(1, on: 1, block: 26_000)
    script.events.append(
      Event(
        time: script.sorted[script.events.count - 1].time + Nanoseconds(1_000_000), cpu: CPU(0),
        thread: ThreadID(0), kind: .lost(count: 3)))
    let track = script.tracks().tracks.first { $0.thread == ThreadID(1) }
    #expect(track?.gaps == 1)
    #expect(track?.chain.fidelity.contradicted == 0)
  }

  @Test func `are broken by a loss on a CPU they visited where their windows show it`() {
    var script = TraceScript()
    for block in [150_000, 150_000, 5_000] as [UInt64] { script.halt(1, on: 1, block: block) }
    let seen = script.events.count
    let lost = script.sorted[seen - 1].time
    script.events.append(
      Event(
        time: lost, cpu: CPU(0), thread: ThreadID(7),
        kind: .switched(next: .idle, stillRunnable: false)))
    script.halt(1, on: 0, block: 100_000)
    script.events.removeSubrange((seen + 1)...)
    script.halt(1, on: 1, block: 100_000)
    script.events.append(
      Event(
        time: script.sorted[script.events.count - 1].time + Nanoseconds(1_000_000), cpu: CPU(0),
        thread: ThreadID(0), kind: .lost(count: 3)))
    let track = script.tracks().tracks.first { $0.thread == ThreadID(1) }
    #expect(track?.gaps == 1)
    #expect(track?.chain.fidelity.contradicted == 0)
  }

  @Test func `are broken by such a loss also where halts without a decision come first`() {
    var script = TraceScript()
    for block in [150_000, 150_000, 5_000] as [UInt64] { script.halt(1, on: 1, block: block) }
    let seen = script.events.count
    let lost = script.sorted[seen - 1].time
    script.events.append(
      Event(
        time: lost, cpu: CPU(0), thread: ThreadID(7),
        kind: .switched(next: .idle, stillRunnable: false)))
    // Lost: two grows on CPU 0, which has lost nothing any more when the thread is back on CPU 1.
    script.halt(1, on: 0, block: 100_000)
    script.events.removeSubrange((seen + 1)...)
    let end = lost + Nanoseconds(100)
    script.events.append(
      Event(time: end, cpu: CPU(0), thread: ThreadID(0), kind: .lost(count: 3)))
    script.halt(1, on: 1, block: 1_000)
    #expect(script.events.last?.what == .wakeup)
    script.halt(1, on: 1, block: 100_000)
    #expect(script.events.contains { $0.what == .decision && $0.time > end })
    let track = script.tracks().tracks.first { $0.thread == ThreadID(1) }
    #expect(track?.gaps == 1)
    #expect(track?.chain.fidelity.contradicted == 0)
  }

  @Test func `count only halts of the span that is asked for, and follow the others`() {
    let script = TraceScript.random(seed: 5, vcpus: 1, halts: 100)
    var scope = TrackScope(settings: script.settings)
    let middle = script.sorted[script.events.count / 2].time
    scope.from = middle
    let late = Figures(script.tracks(scope: scope).tracks[0], over: .zero)
    scope.from = Timestamp(0)
    scope.to = middle
    let early = Figures(script.tracks(scope: scope).tracks[0], over: .zero)
    #expect(early.measures.halts + late.measures.halts == 100)
    #expect(
      early.account.kernelCounters.attemptedPolls + late.account.kernelCounters.attemptedPolls
        == script.truth.attemptedPolls)
    #expect(late.fidelity.contradicted == 0)
  }

  @Test func `infer a ceiling of the VM's own`() {
    var script = TraceScript()
    script.settings.ownCeiling = 500_000
    var random = SplitMix64(seed: 1)
    for _ in 0..<500 { script.halt(1, block: UInt64.random(in: 0...900_000, using: &random)) }
    var analysis = script.learnt
    #expect(analysis.scope.settings(of: ThreadID(1)).ownCeiling == 500_000)
    let tracks = script.tracks(scope: analysis.scope)
    let onceMore = analysis.learns(from: tracks)
    #expect(!onceMore)
    #expect(tracks.tracks[0].chain.fidelity.contradicted == 0)
    #expect(tracks.tracks[0].chain.fidelity.recorded == script.decisions)
  }

  @Test func `see that a VM does not poll at all`() {
    var script = TraceScript()
    script.settings.ownCeiling = 0
    var random = SplitMix64(seed: 2)
    for _ in 0..<200 { script.halt(1, block: UInt64.random(in: 0...900_000, using: &random)) }
    let analysis = script.learnt
    #expect(analysis.scope.settings(of: ThreadID(1)).ownCeiling == 0)
    let figures = Figures(script.tracks(scope: analysis.scope).tracks[0], over: .zero)
    #expect(figures.kernelCounters.attemptedPolls == 0)
    #expect(figures.unknownWindows == 0)
  }
}

extension TraceScript {
  /// What a second reading would know of the script, recorded with its parameters on 6.18.
  fileprivate var learnt: TraceAnalysis {
    var description = TraceDescription(
      path: "t", format: "test", clock: .init(name: "mono", isTime: true), cpus: 1)
    var facts = RecordedFacts()
    facts.kernel = "6.18.1"
    facts.parameters = [.init(since: nil, parameters: settings.changes[0].parameters)]
    description.facts = facts
    var analysis = TraceAnalysis(of: description, begin: nil, AnalysisOptions())
    let again = analysis.learns(from: tracks(scope: analysis.scope))
    #expect(again)
    return analysis
  }
}
