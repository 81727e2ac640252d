import Fixtures
import Testing

@testable import PollTrace

extension TraceScript {
  /// Some vCPUs with random halts.
  fileprivate static func random(seed: UInt64, vcpus: Int32 = 3, halts: Int = 400) -> TraceScript {
    var random = Randomness(seed: seed)
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
      totalOf: script.tracks().map { Figures($0, over: .zero) })
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
    let fidelity = script.tracks().reduce(into: Fidelity()) { $0.merge($1.fidelity) }
    #expect(fidelity.recorded == script.decisions)
    #expect(fidelity.reproduced == script.decisions)
    #expect(fidelity.refused == 0)
    #expect(fidelity.unknown == 0)
  }

  @Test(arguments: UInt64(0)..<40)
  func `do not depend on where a trace is cut`(seed: UInt64) {
    var random = Randomness(seed: seed &+ 1_000)
    let script = TraceScript.random(seed: seed)
    let count = script.events.count
    let cuts = (0..<Int.random(in: 1...6, using: &random))
      .map { _ in Int.random(in: 0...count, using: &random) }.sorted()
    let whole = script.tracks().map { Figures($0, over: .zero) }
    let cut = script.tracks(cutAt: cuts).map { Figures($0, over: .zero) }
    #expect(cut == whole, "cut at \(cuts)")
  }

  @Test(arguments: [4, 30, 31, 60, 200])
  func `do not depend on where a trace is cut if a vCPU may not poll any more`(cut: Int) {
    var script = TraceScript()
    for _ in 0..<8 { script.halt(1, block: 150_000) }
    script.mayPoll = false
    for index in 0..<200 { script.halt(1, block: index % 7 == 0 ? 5_000 : 1_000_000) }
    let figures = Figures(script.tracks()[0], over: .zero)
    let parts = script.tracks(cutAt: [cut * script.events.count / 300])
    #expect(parts.map { Figures($0, over: .zero) } == [figures])
    #expect(figures.fidelity.refused == 200 - 29)
    #expect(figures.kernelCounters.attemptedPolls == script.truth.attemptedPolls + 29)
  }

  @Test func `know the window of halts before the first decision`() {
    var script = TraceScript()
    for block in [5_000, 15_000, 25_000, 30_000, 31_000, 32_000, 90_000] as [UInt64] {
      script.halt(1, block: block)
    }
    // Recording began when the window had opened: the first three halts are not in the trace.
    script.events = script.sorted.filter { $0.time > Timestamp(1_048_500) }
    let figures = Figures(script.tracks()[0], over: .zero)
    #expect(figures.measures.halts == 4)
    #expect(figures.unknownWindows == 0)
    #expect(figures.kernelCounters.attemptedPolls == 4)
    #expect(figures.kernelCounters.successfulPolls == 3)
  }

  @Test func `guess nothing across a loss`() {
    var script = TraceScript()
    for block in [5_000, 15_000, 17_000, 18_000] as [UInt64] { script.halt(1, block: block) }
    let before = script.sorted[script.events.count - 1].time
    script.events.append(
      Event(time: before + 1, cpu: CPU(0), thread: ThreadID(0), kind: .lost(count: 4)))
    script.halt(1, block: 19_000)
    script.halt(1, block: 19_500)
    script.halt(1, block: 30_000)
    script.halt(1, block: 31_000)
    let track = script.tracks()[0]
    #expect(track.gaps == 1)
    // The first halt after the loss may have had a decision; the second one is known backwards.
    #expect(track.fidelity.unknown == 1)
    #expect(track.fidelity.contradicted == 0)
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
    #expect(script.tracks().first { $0.thread == ThreadID(1) }?.gaps == 0)
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
    let tracks = script.tracks()
    let track = tracks.first { $0.thread == ThreadID(1) }
    #expect(track?.gaps == 1)
    #expect(track?.measures.halts == 3)
    #expect(tracks.first { $0.thread == ThreadID(2) }?.gaps == 0)
    // Behind a loss nobody knows where the window stands.
    #expect((track?.windows.now == nil) == isAfter)
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
    let track = script.tracks().first { $0.thread == ThreadID(1) }
    #expect(track?.gaps == 1)
    #expect(track?.fidelity.contradicted == 0)
  }

  /// Three halts on CPU 1 and the last event of CPU 0: how many events that is, and when it was.
  private static var beginning: (TraceScript, seen: Int, lost: Timestamp) {
    var script = TraceScript()
    for block in [150_000, 150_000, 5_000] as [UInt64] { script.halt(1, on: 1, block: block) }
    let seen = script.events.count
    let lost = script.sorted[seen - 1].time
    script.events.append(
      Event(
        time: lost, cpu: CPU(0), thread: ThreadID(7),
        kind: .switched(next: .idle, stillRunnable: false)))
    return (script, seen, lost)
  }

  @Test func `are broken by a loss on a CPU they visited where their windows show it`() {
    var (script, seen, _) = Self.beginning
    script.halt(1, on: 0, block: 100_000)
    script.events.removeSubrange((seen + 1)...)
    script.halt(1, on: 1, block: 100_000)
    script.events.append(
      Event(
        time: script.sorted[script.events.count - 1].time + Nanoseconds(1_000_000), cpu: CPU(0),
        thread: ThreadID(0), kind: .lost(count: 3)))
    let track = script.tracks().first { $0.thread == ThreadID(1) }
    #expect(track?.gapsShown == 1)
    #expect(track?.fidelity.contradicted == 0)
  }

  @Test func `are broken by such a loss also where halts without a decision come first`() {
    var (script, seen, lost) = Self.beginning
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
    let track = script.tracks().first { $0.thread == ThreadID(1) }
    #expect(track?.gapsShown == 1)
    #expect(track?.fidelity.contradicted == 0)
  }

  @Test func `count only halts of the span that is asked for, and follow the others`() {
    let script = TraceScript.random(seed: 5, vcpus: 1, halts: 100)
    var scope = TrackScope(settings: script.settings)
    let middle = script.sorted[script.events.count / 2].time
    scope.from = middle
    let late = Figures(script.tracks(scope: scope)[0], over: .zero)
    scope.from = Timestamp(0)
    scope.to = middle
    let early = Figures(script.tracks(scope: scope)[0], over: .zero)
    #expect(early.measures.halts + late.measures.halts == 100)
    #expect(
      early.account.kernelCounters.attemptedPolls + late.account.kernelCounters.attemptedPolls
        == script.truth.attemptedPolls)
    #expect(late.fidelity.contradicted == 0)
  }
}
