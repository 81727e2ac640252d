import CReplay
import Testing

@testable import PollTrace
@testable import PollTraceReplay

/// A halt that was woken at `woke` us after `block` us, seen `latency` us after its event and `path` us after
/// the switch to the vCPU, on CPU `cpu`; nil latency: it polled.
private func halt(
  _ woke: UInt64, block: UInt64, latency: UInt64? = 20, path: UInt64 = 5, cpu: UInt32 = 0
) -> HaltLog.Entry {
  HaltLog.Entry(
    Halt(
      woke: Timestamp(woke * 1_000), block: Nanoseconds(block * 1_000),
      ending: latency == nil ? .polled : .slept,
      wakeLatency: latency.map { Nanoseconds($0 * 1_000) }, poll: .measured(1_000),
      entry: latency == nil ? nil : Halt.Entry(from: .idle, path: Nanoseconds(path * 1_000)),
      leftCPU: CPU(cpu), cpu: CPU(cpu)), window: 0)
}

private func log(_ entries: [HaltLog.Entry]) -> HaltLog {
  var log = HaltLog()
  log.entries = entries
  return log
}

@Suite struct `vCPUs that share a CPU` {
  @Test func `want it from their wake events until they halt`() {
    let runs = VCPURuns([
      ThreadID(1): log([
        halt(1_000, block: 100), halt(1_500, block: 480), halt(2_000, block: 300),
      ]),
      ThreadID(2): log([
        halt(1_100, block: 100), halt(1_400, block: 100, latency: nil), halt(3_000, block: 900),
      ]),
    ])
    // Woken 20 us before it is seen, of which a poll on the CPU lasts for 6.5 us.
    #expect(
      runs.others(than: ThreadID(2), on: 0) == [
        .init(arrived: 986_500, entered: 995_000, left: 1_020_000, wokenNext: 1_480_000),
        .init(arrived: 1_486_500, entered: 1_495_000, left: 1_700_000, wokenNext: 1_980_000),
      ])
    // One that polled has the CPU at once.
    #expect(
      runs.others(than: ThreadID(1), on: 0) == [
        .init(arrived: 1_086_500, entered: 1_095_000, left: 1_300_000, wokenNext: 1_400_000),
        .init(arrived: 1_400_000, entered: 1_400_000, left: 2_100_000, wokenNext: 2_980_000),
      ])
    #expect(runs.others(than: ThreadID(1), on: 1).isEmpty)
  }

  @Test func `are no others where each has a CPU of its own, or halts are missing in between`() {
    let apart = VCPURuns([
      ThreadID(1): log([halt(1_000, block: 100), halt(1_500, block: 480)]),
      ThreadID(2): log([halt(1_000, block: 100, cpu: 1), halt(1_500, block: 480, cpu: 1)]),
    ])
    #expect(apart.others(than: ThreadID(1), on: 1).isEmpty)
    #expect(apart.others(than: ThreadID(1), on: 0).isEmpty)
    var broken = HaltLog()
    broken.entries = [halt(1_000, block: 100)]
    broken.breakOff()
    broken.entries.append(halt(1_500, block: 480))
    let runs = VCPURuns([ThreadID(1): broken, ThreadID(2): log([halt(1_000, block: 100)])])
    #expect(runs.others(than: ThreadID(2), on: 0).isEmpty)
  }

  @Test func `are merged with tasks, without what another outlasts`() {
    func occupant(_ arrived: TimeOffset, _ left: TimeOffset) -> Contention.Occupant {
      .init(arrived: arrived, entered: arrived, left: left)
    }
    let tasks = [occupant(10, 50), occupant(60, 90)]
    #expect(
      tasks.merged(with: [occupant(20, 40), occupant(45, 70)]) == [
        occupant(10, 50), occupant(45, 70), occupant(60, 90),
      ])
    // Of 0 to 100: 10 to 90 by all of them.
    let all = tasks.merged(with: [occupant(45, 70)])
    #expect(all.share(of: [0..<100]) == 0.8)
    #expect(all.share(of: [0..<20, 80..<100]) == 0.5)
  }

  @Test func `end each other's polls`() throws {
    // Each is woken every 400 us and runs for 5; with the other's halts in between, every 200 us. Both on
    // CPU 0; alone each would meet its event in a poll of a ms.
    func log(_ begin: UInt64, _ period: UInt64) -> HaltLog {
      var log = HaltLog()
      for index in 0..<400 {
        let woke = begin + UInt64(index) * period
        log.entries.append(halt(woke, block: period - 5, latency: 20))
      }
      return log
    }
    let (own, other) = (log(1_000, 400), log(1_200, 400))
    let settings = PollSettings(
      rules: .newest,
      parameters: PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2))
    let blocks = TimeBlocks(RecordingSpan(begin: Timestamp(0), end: Timestamp(161_000_000)))
    func hits(_ logs: [ThreadID: HaltLog]) throws -> Double {
      let replay = try #require(
        VCPUReplay(
          Observation(own), settings: settings, blocks: blocks, salt: 1, vcpu: identity,
          others: OtherTasks([:], logs)))
      var wide = settings
      wide.changes[0].parameters = PollParameters(
        ceiling: 1_000_000, grow: 2, growStart: 1_000_000, shrink: 1)
      return replay.schedule(.choosing).replay(KernelPolling(wide))[0].hitRate
    }
    #expect(try hits([ThreadID(1): own]) > 0.98)
    #expect(try hits([ThreadID(1): own, ThreadID(2): other]) < 0.02)
  }

  @Test func `halt a time before each other's wake events, unless they are woken in between`()
    throws
  {
    // The other one halts at 1,180 us and every 400 us from then on; its next event comes 195 us later.
    func halted(_ own: (UInt64) -> UInt64) throws -> [Int32] {
      let mine = log((0..<20).map { halt(own($0), block: 300, latency: 20) })
      let other = log((0..<20).map { halt(1_175 + $0 * 400, block: 395, latency: 0) })
      let halts = Observation(mine)
      let others = OtherTasks([:], [ThreadID(1): mine, ThreadID(2): other])
      let settings = PollSettings(
        rules: .newest,
        parameters: PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2))
      let replay = try #require(
        VCPUReplay(
          halts, settings: settings,
          blocks: TimeBlocks(RecordingSpan(begin: Timestamp(0), end: Timestamp(9_000_000))),
          salt: 1,
          vcpu: identity, others: others))
      return replay.schedule(.choosing).arrivals.filter(\.isSeen).map(\.peerHalted)
    }
    // Woken at 1,300 us and every 400 us: the event, 20 us before, comes 100 us behind the halt.
    let between = try halted { 1_300 + $0 * 400 }
    #expect(between.dropFirst().dropLast().allSatisfy { $0 == 100_000 })
    // Its event at 1,180 us meets the other one running.
    let meanwhile = try halted { 1_198 + $0 * 400 }
    #expect(meanwhile.dropFirst().allSatisfy { $0 == -1 })
  }
}

@Suite struct `Tasks that wake while their CPU is busy` {
  private static func occupancy(
    _ task: Int32, _ begin: UInt64, _ end: UInt64, wasIdle: Bool
  ) -> Occupancy {
    Occupancy(
      entered: Timestamp(begin), left: Timestamp(end), wasIdle: wasIdle, task: ThreadID(task))
  }

  @Test func `stay or move to an idle CPU, which is counted`() {
    // Task 5 runs on CPU 0, finds it with a vCPU, or with task 6, or idle.
    var (first, second) = ([Occupancy](), [Occupancy]())
    for round in 0..<100 as Range<UInt64> {
      let begin = round * 1_000
      first.append(Self.occupancy(5, begin, begin + 10, wasIdle: round.isMultiple(of: 4)))
      first.append(Self.occupancy(6, begin + 400, begin + 700, wasIdle: true))
      if round.isMultiple(of: 2) {
        second.append(Self.occupancy(5, begin + 500, begin + 510, wasIdle: true))
      }
    }
    let placement = WakerPlacement([CPU(0): first, CPU(1): second], [:])
    // From CPU 0 to 1 while task 6 has CPU 0; back while CPU 1 is idle, which says nothing; every other even
    // round on CPU 0 again, from a vCPU.
    #expect(placement.moved == 50)
    #expect(placement.stayed == 25)
    #expect(placement.movedShare == 50.0 / 75)
  }

  @Test func `say nothing where they have one CPU only, or are few`() {
    let one = (0..<100).map { Self.occupancy(5, $0 * 100, $0 * 100 + 10, wasIdle: false) }
    #expect(WakerPlacement([CPU(0): one], [:]) == WakerPlacement([:], [:]))
    let few = WakerPlacement(
      [
        CPU(0): Array(one.prefix(3)),
        CPU(1): [Self.occupancy(5, 20_000, 20_010, wasIdle: true)],
      ], [:])
    #expect(few.stayed == 2 && few.movedShare == nil)
  }
}

private let identity = VCPUIdentity(
  process: nil, vm: nil, vcpu: nil, thread: ThreadID(1), source: .unknown)
