import Fixtures
import Testing

@testable import PollTrace

/// Halts of one vCPU, followed in `parts` that are harvested one by one, and as one.
private func followed(_ script: TraceScript, parts: Int) -> (parts: [VCPUTrack], whole: VCPUTrack) {
  var scope = TrackScope(settings: script.settings)
  scope.vcpus = [ThreadID(1)]
  let number = ThreadShard.number(of: ThreadID(1))
  var (live, file) = (
    ThreadShard(number: number, scope: scope), ThreadShard(number: number, scope: scope)
  )
  var harvested: [VCPUTrack] = []
  let events = script.sorted
  let length = events.count / parts + 1
  for begin in stride(from: 0, to: events.count, by: length) {
    let part = Array(events[begin..<min(events.count, begin + length)])
    var grouper = ThreadGrouper()
    live.take([grouper.group(part.span)], Losses())
    file.take([grouper.group(part.span)], Losses())
    harvested += live.harvest(at: part.last?.time ?? Timestamp(0))
  }
  file.finish(at: events.last?.time ?? Timestamp(0), Losses())
  return (harvested, file.tracks[0])
}

@Suite struct `Harvests of a vCPU that is followed on` {
  private static func script(seed: UInt64, halts: Int = 600) -> TraceScript {
    var (random, script) = (Randomness(seed: seed), TraceScript())
    for _ in 0..<halts {
      script.halt(1, block: UInt64.random(in: 0...400_000, using: &random))
    }
    return script
  }

  @Test(arguments: UInt64(0)..<10, [1, 2, 7, 50])
  func `add up to the whole`(seed: UInt64, parts: Int) {
    let (harvested, whole) = followed(Self.script(seed: seed), parts: parts)
    #expect(harvested.count > parts / 2)
    var (measures, counters) = (VCPUMeasures(), KernelCounters())
    var times: [UInt32: UInt64] = [:]
    for track in harvested {
      measures.merge(track.measures)
      counters.merge(track.account.kernelCounters)
      times.merge(track.windows.times.map { ($0.window, $0.time) }, uniquingKeysWith: +)
    }
    #expect(measures == whole.measures)
    #expect(counters.attemptedPolls == whole.account.kernelCounters.attemptedPolls)
    #expect(counters.successfulPollTime == whole.account.kernelCounters.successfulPollTime)
    #expect(harvested.last?.fidelity.recorded == whole.fidelity.recorded)
    #expect(harvested.last?.fidelity.reproduced == whole.fidelity.reproduced)
    #expect(harvested.last?.windows.now?.window == whole.windows.now?.window)
    let all = Dictionary(
      whole.windows.times.map { ($0.window, $0.time) }, uniquingKeysWith: +)
    #expect(times.filter { $0.value > 0 } == all.filter { $0.value > 0 })
  }

  @Test func `do not wait for a decision`() {
    var script = TraceScript()
    // The window is open before anybody looks, and stays as it is.
    for block in [15_000, 15_000, 25_000] as [UInt64] { script.halt(1, block: block) }
    script.events = []
    for _ in 0..<20 { script.halt(1, block: 30_000, hasSchedulerEvents: false) }
    let (harvested, _) = followed(script, parts: 2)
    #expect(harvested.map(\.measures.halts).reduce(0, +) == 20)
    #expect(harvested.allSatisfy { $0.measures.halts > 5 && $0.unknown == $0.measures.halts })
  }

  @Test func `obey the parameters that are told`() {
    var script = TraceScript()
    script.halt(1, block: 15_000)
    let before = script.events
    let other = PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2)
    script.settings.changes[0].parameters = other
    script.events = []
    for _ in 0..<40 { script.halt(1, block: 45_000) }
    var scope = TrackScope(settings: TraceScript().settings)
    scope.vcpus = [ThreadID(1)]
    var shard = ThreadShard(number: ThreadShard.number(of: ThreadID(1)), scope: scope)
    var grouper = ThreadGrouper()
    shard.take([grouper.group(before.span)], Losses())
    _ = shard.harvest(at: Timestamp(0))
    var settings = TraceScript().settings
    settings.changes.append(.init(since: before[0].time + 1, parameters: other))
    shard.obey(settings, own: [:])
    let after = script.events
    shard.take([grouper.group(after.span)], Losses())
    let track = shard.harvest(at: Timestamp(1))[0]
    #expect(track.fidelity.contradicted == 0 && track.fidelity.refused == 0)
    #expect(track.windows.now?.window == 50_000)
  }
}

@Suite struct `What a live source forgets` {
  @Test func `is threads that are gone, and none of the others`() {
    var script = TraceScript()
    for thread in [1, 2, 1, 2] as [Int32] { script.halt(thread, block: 60_000) }
    let scope = TrackScope(settings: script.settings)
    var shards = (0..<ThreadShard.count).map { ThreadShard(number: $0, scope: scope) }
    func take(_ events: [Event]) {
      var grouper = ThreadGrouper()
      for number in shards.indices { shards[number].take([grouper.group(events.span)], Losses()) }
    }
    take(script.events)
    for number in shards.indices { shards[number].keep { $0.thread == ThreadID(2) } }
    #expect(shards.flatMap(\.tracks).map(\.thread) == [ThreadID(2)])
    script.events = []
    for thread in [1, 2] as [Int32] { script.halt(thread, block: 60_000) }
    take(script.events)
    let tracks = shards.flatMap { $0.tracks }
    #expect(tracks.first { $0.thread == ThreadID(1) }?.measures.halts == 1)
    #expect(tracks.first { $0.thread == ThreadID(2) }?.measures.halts == 3)
  }

  @Test func `joins losses, and what lay between two joined ones counts as lost`() {
    var losses = Losses()
    for number in 0..<100 as Range<UInt64> {
      let after = Timestamp(1_000 * number + 100)
      losses.add(.init(after: after, before: after + 100), on: CPU(0))
    }
    losses.join(beyond: 64)
    func lies(_ before: UInt64, _ after: UInt64) -> Bool {
      losses.lie(between: (Timestamp(before), CPU(0)), and: (Timestamp(after), CPU(0)))
    }
    #expect(lies(1_300, 1_400))
    #expect(lies(99_050, 99_300))
    #expect(!lies(98_300, 98_900))
    #expect(!lies(99_300, 99_900))
    #expect(!losses.lie(between: (Timestamp(0), CPU(1)), and: (Timestamp(9), CPU(1))))
  }
}
