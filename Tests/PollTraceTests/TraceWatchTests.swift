import Fixtures
import Testing

@testable import PollTrace

/// vCPUs 1 and 2 of process 70, and 3 of 80, as their threads' names tell.
private let vcpus = [(1, 70), (2, 70), (3, 80)].map { thread, process in
  RecordedFacts.VCPUThread(
    thread: ThreadID(Int32(thread)), process: ProcessID(Int32(process)), vm: "vm",
    vcpu: UInt32(thread))
}

private struct Live {
  var script = TraceScript()
  var shards: [ThreadShard] = []
  var watch = TraceWatch(begin: Timestamp(1_000_000), isSelective: false)
  var time = Timestamp(1_000_000)

  init() {
    let scope = TrackScope(settings: script.settings)
    shards = (0..<ThreadShard.count).map { ThreadShard(number: $0, scope: scope) }
  }

  /// A look a second later, after halts of `threads`.
  mutating func look(
    _ threads: [Int32], running: [RecordedFacts.VCPUThread], lost: [CPU: UInt64] = [:]
  ) -> CounterFrame {
    script.events = []
    for thread in threads { script.halt(thread, block: 60_000) }
    var grouper = ThreadGrouper()
    let groups = grouper.group(script.events.span)
    time = time + 1_000_000_000
    for number in shards.indices { shards[number].take([groups], Losses()) }
    let tracks = shards.indices.flatMap { shards[$0].harvest(at: time) }
    return watch.take(tracks, running: running, lost: lost, at: time)
  }
}

@Suite struct `Frames of a live trace` {
  @Test func `have a row for each vCPU that runs, and sums of each VM`() throws {
    var live = Live()
    let frame = live.look([1, 1, 1, 2], running: vcpus)
    #expect(frame.rows.map(\.vcpu) == [1, 2, 3])
    #expect(frame.rows.map(\.haltRate) == [3, 1, 0])
    #expect(frame.rows.compactMap(\.traced?.grows) == [3, 1, 0])
    #expect(frame.rows.map(\.traced?.window) == [40_000, 10_000, nil])
    #expect(frame.vms.map(\.total.haltRate) == [4, 0])
    #expect(frame.vms.map(\.vm.source) == [.trace, .trace])
    #expect(frame.host.halts == 4 && frame.host.vms == 2)
    let next = live.look([2, 2], running: vcpus)
    #expect(next.rows.map(\.haltRate) == [0, 2, 0])
    #expect(next.rows.map(\.traced?.window) == [40_000, 40_000, nil])
    #expect(next.rows[0].counters?[.attemptedPolls] == frame.rows[0].counters?[.attemptedPolls])
    #expect(next.rows[1].traced?.history.map(\.halts) == [1, 2])
    #expect(next.rows[1].traced?.history.last?.windows?.most == 40_000)
    #expect(next.rows[1].traced?.moves.map(\.count) == [1, 1, 1])
  }

  @Test func `show a VM that has ended once more, apart`() {
    var live = Live()
    _ = live.look([1, 3], running: vcpus)
    let last = live.look([3, 3], running: Array(vcpus.prefix(2)))
    #expect(last.vms.map(\.vm.process) == [ProcessID(70)])
    #expect(last.ended.map(\.vm.process) == [ProcessID(80)])
    #expect(last.ended.first?.total.haltRate == 2)
    #expect(live.look([1], running: Array(vcpus.prefix(2))).ended.isEmpty)
  }

  @Test func `show a vCPU that nobody knows, unless some VMs alone are wanted`() {
    var live = Live()
    let row = live.look([9], running: vcpus).rows.first { $0.thread == ThreadID(9) }
    #expect(row?.haltRate == 1 && row?.vcpu == 9)
    #expect(live.look([9], running: vcpus).rows.map(\.haltRate) == [1, 0, 0, 0])
    #expect(live.look([], running: vcpus).rows.count == 4)
    #expect(live.look([], running: vcpus).rows.count == 3)
    live.watch = TraceWatch(begin: live.time, isSelective: true)
    #expect(!live.look([9], running: vcpus).rows.contains { $0.thread == ThreadID(9) })
  }

  @Test func `tell lost events of the interval, and of all`() {
    var live = Live()
    let frame = live.look([], running: vcpus, lost: [CPU(1): 5])
    #expect(frame.trace?.lost == [CPU(1): 5] && frame.trace?.lostInAll == 5)
    let next = live.look([], running: vcpus, lost: [CPU(1): 5, CPU(2): 2])
    #expect(next.trace?.lost == [CPU(2): 2] && next.trace?.lostInAll == 7)
  }

  @Test func `remember as much of the past as a page shows, no more`() {
    var live = Live()
    for _ in 0..<100 { _ = live.look([1], running: vcpus) }
    let frame = live.look([1], running: vcpus)
    #expect(frame.rows[0].traced?.history.count == TracedHalts.spans)
    #expect(live.watch.threads.count == 3)
  }
}

@Suite struct `A condition of a row` {
  private func row(_ fill: (inout HaltCounters) -> Void) -> CounterRow {
    var delta = HaltCounters()
    fill(&delta)
    return CounterRow(
      process: ProcessID(1), name: "vm", vcpu: 0, thread: nil, interval: 2_000_000_000,
      counters: nil, delta: delta, watched: nil, watchedFor: nil)
  }

  @Test func `compares what the columns show`() {
    let row = row {
      $0[.failedPollTime] = 400_000_000
      $0[.attemptedPolls] = 3_000
      $0[.successfulPolls] = 900
    }
    #expect(RowCondition(.wasted, .above, 0.1).holds(for: row))
    #expect(!RowCondition(.wasted, .above, 0.2).holds(for: row))
    #expect(RowCondition(.failedPolls, .above, 1_000).holds(for: row))
    #expect(!RowCondition(.failedPolls, .above, 1_050).holds(for: row))
    #expect(RowCondition(.failedPolls, .below, 1_051).holds(for: row))
    #expect(!RowCondition(.window, .below, 1).holds(for: row))
  }

  @Test func `holds of a length between two bounds where it does for all of it`() {
    // All waits lie from 131,072 ns on, and below 262,144.
    let row = row { $0[.waits] = LogHistogram(counts: (0..<32).map { $0 == 18 ? 50 : 0 }) }
    #expect(RowCondition(.longWait, .above, 131_072).holds(for: row))
    #expect(!RowCondition(.longWait, .above, 131_073).holds(for: row))
    #expect(!RowCondition(.longWait, .below, 262_143).holds(for: row))
    #expect(RowCondition(.longWait, .below, 262_144).holds(for: row))
  }

  @Test func `tells the most wasteful of the rows for which it holds`() {
    var live = Live()
    let frame = live.look([1, 2, 2], running: vcpus)
    #expect(RowCondition(.halts, .above, 1).first(in: frame)?.vcpu == 2)
    #expect(RowCondition(.halts, .above, 2).first(in: frame) == nil)
  }
}
