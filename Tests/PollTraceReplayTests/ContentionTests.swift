import CReplay
import PollTrace
import Testing

@testable import PollTraceReplay

/// Wake events every 200 us that find a guest idle, with other tasks around each one; latencies of
/// 30 us, 5 us busy.
private func schedule(
  _ rivals: [[Schedule.Rival]], _ change: (inout Schedule.Arrival) -> Void = { _ in }
)
  -> Schedule
{
  var all: [Schedule.Rival] = []
  let arrivals = rivals.enumerated().map { index, some in
    var arrival = Schedule.Arrival(
      time: Int64(index + 1) * 200_000, busyAfterPoll: 5_000, busyAfterSleep: 5_000,
      pollLimit: .max, ownLatency: -1, rank: 0)
    arrival.rivals = all.count..<all.count + some.count
    arrival.path = 7_000
    all += some
    change(&arrival)
    return arrival
  }
  let end = Int64(rivals.count) * 200_000
  return Schedule(
    source: .external, servesWhileBusy: false, arrivals: arrivals, rivals: all,
    stretches: [Schedule.Stretch(arrivals: 0..<arrivals.count, begin: 0, end: end)],
    blocks: TimeBlocks(RecordingSpan(begin: Timestamp(0), end: Timestamp(UInt64(end)))), window: 0,
    latencies: Array(repeating: 30_000, count: Latencies.rows * Quantiles.ranks),
    hasShallowRow: false, pending: 0)
}

/// A window of `length` ns at each halt.
private func always(_ length: UInt32) -> KernelPolling {
  KernelPolling(
    parameters: PollParameters(ceiling: length, grow: 2, growStart: length, shrink: 1),
    rules: .newest)
}

/// A task that comes `arrived` ns before the event and runs for `run`.
private func rival(_ number: Int, _ arrived: Int32, _ run: Int32) -> Schedule.Rival {
  Schedule.Rival(
    number: Int32(number), arrived: -arrived, left: run - arrived, run: run)
}

@Suite struct `Polls where other tasks want the CPU` {
  @Test func `last until the event where none comes`() {
    let outcome = schedule(Array(repeating: [], count: 10)).replay(always(1_000_000))[0]
    // The first halt finds a closed window.
    #expect(outcome.attempted == 9)
    #expect(outcome.successful == 9)
  }

  @Test func `end at once at a stretch's begin behind a task that still counts`() {
    var schedule = schedule(Array(repeating: [], count: 10))
    schedule.window = 1_000_000
    #expect(schedule.replay(always(1_000_000))[0].abandoned == 0)
    schedule.stretches[0].holdsSleeper = true
    let outcome = schedule.replay(always(1_000_000))[0]
    #expect((outcome.abandoned, outcome.successful) == (1, 9))
    #expect(outcome.failTime == Contention.turn)
  }

  @Test func `end when one comes`() {
    // The first halt finds a closed window; a task comes 60 us before each event and runs for 20 us.
    let outcome = schedule((0..<10).map { [rival($0, 60_000, 20_000)] })
      .replay(always(1_000_000))[0]
    #expect(outcome.halts == 10)
    #expect(outcome.successful == 0)
    #expect(outcome.abandoned == 9)
    // A halt begins 35 us behind the event before, and polls for 105 us.
    #expect(outcome.failTime == 9 * 105_000)
    // The CPU is idle again when the event comes.
    #expect(outcome.latency == 10 * 30_000)
  }

  @Test func `end at once where one is there, and the wake-up waits for it`() {
    // It runs from 190 us before the event until 40 us after it.
    let outcome = schedule((0..<10).map { [rival($0, 190_000, 230_000)] })
      .replay(always(1_000_000))[0]
    #expect(outcome.successful == 0)
    #expect(outcome.latency == 10 * 47_000)
    #expect(outcome.failTime == 9 * Contention.turn)
  }

  @Test func `end at once behind a task that slept in front of the vCPU`() {
    // Gone 10 us behind the event, it still counts at the next halt; nothing runs in that one.
    let outcome = schedule(
      (0..<10).map { $0 == 1 ? [rival(0, 30_000, 40_000)] : [] },
      { ($0.holdsAfterShort, $0.holdsAfterLong) = (true, true) }
    ).replay(always(1_000_000))[0]
    // The first halt has no window, the second is cut by the task, the third ends at once.
    #expect(outcome.abandoned == 2)
    #expect(outcome.failTime == 135_000 + Contention.turn)
    #expect(outcome.successful == 7)
  }

  @Test func `lasts from when a task is back, which a poll that lasted had shown to be gone`() {
    func occupant(_ arrived: TimeOffset, _ entered: TimeOffset, _ left: TimeOffset)
      -> Contention.Occupant
    {
      .init(arrived: arrived, entered: entered, left: left)
    }
    let all = [occupant(0, 0, 100_000), occupant(200_000, 200_000, 300_000)]
    #expect(all.gone(before: [], until: [50_000]) == all)
    #expect(
      all.gone(before: [20_000, 30_000, 60_000, 250_000], until: [10_000, 50_000, 400_000]) == [
        occupant(0, 0, 20_000), occupant(48_500, 50_000, 60_000),
        occupant(200_000, 200_000, 250_000),
      ])
  }

  @Test func `end at once behind a sleeper as often as after halts so long`() {
    // A task has the CPU around the second event, which comes 20 us after the halt's begin, or 165.
    func successes(short: Bool, long: Bool, gap: Int64) -> Int64 {
      var all = schedule(
        (0..<10).map { $0 == 1 ? [rival(0, 30_000, 40_000)] : [] },
        { ($0.holdsAfterShort, $0.holdsAfterLong) = (short, long) })
      // The halt begins 35 us after the first event: latency and busy time.
      all.arrivals[1].time = all.arrivals[0].time + 35_000 + gap
      return all.replay(always(1_000_000))[0].successful
    }
    let (short, long) = (Int64(20_000), Int64(165_000))
    #expect(successes(short: true, long: false, gap: short) == 7)
    #expect(successes(short: false, long: true, gap: short) == 8)
    #expect(successes(short: true, long: false, gap: long) == 8)
    #expect(successes(short: false, long: true, gap: long) == 7)
  }

  @Test func `end at once where one came while the guest ran`() {
    // 2 us behind each event, while the guest runs, a task comes that runs for 10 us.
    let tasks = (0..<10).map { [rival($0, 198_000, 10_000)] }
    let outcome = schedule(tasks).replay(always(1_000_000))[0]
    // Behind a sleep it is gone before the vCPU is switched in, 26 us behind the event: the poll meets the
    // next event. Behind a poll it waits while the guest runs, and the next poll ends at once.
    #expect(outcome.successful == 5)
    #expect(outcome.abandoned == 4)
    #expect(outcome.failTime == 4 * Contention.turn)
  }

  @Test func `let a vCPU preempt, which leaves the task runnable`() {
    let outcome = schedule(
      (0..<10).map { [rival($0, 190_000, 230_000)] },
      { ($0.patience, $0.preemptingLatency) = (0, 4_000) }
    ).replay(always(1_000_000))[0]
    #expect(outcome.latency == 10 * 4_000)
    #expect(outcome.successful == 0)
  }

  @Test func `let a vCPU preempt a task that stays for longer than any was waited for`() {
    func outcome(_ patience: Int32) -> PollOutcome {
      schedule(
        (0..<10).map { [rival($0, 190_000, 230_000)] },
        { ($0.patience, $0.preemptingLatency) = (patience, 4_000) }
      ).replay(always(0))[0]
    }
    #expect(outcome(40_000).latency == 10 * 47_000)
    #expect(outcome(39_999).latency == 10 * 4_000)
  }

  @Test func `find a waker on their own CPU still there`() {
    let outcome = schedule(Array(repeating: [], count: 5), { $0.taskStays = 4_000 })
      .replay(always(0))[0]
    #expect(outcome.latency == 5 * (4_000 + 7_000))
  }

  @Test func `make a vCPU wait until another one's poll ends, which then still counts`() {
    // Behind each sleep the next poll ends at once, and the other one's with the event.
    func outcome(halted: Int32, window: UInt32 = 160_000) -> PollOutcome {
      let parameters = PollParameters(
        ceiling: 1_000_000, grow: 1, growStart: window, shrink: 1)
      return schedule(
        Array(repeating: [], count: 10),
        { ($0.peerHalted, $0.holdsAfterShort, $0.holdsAfterLong) = (halted, true, true) }
      ).replay(KernelPolling(parameters: parameters, rules: .newest))[0]
    }
    let polling = outcome(halted: 100_000)
    // The first halt has no window; the second one's event comes 165 us after its begin.
    #expect(polling.successful == 0)
    #expect(polling.failTime == 160_000 + 8 * Contention.turn)
    #expect(polling.latency == 30_000 + 9 * (RunQueue.pollToSwitch + 7_000))
    // One that halted before this one cannot have polled while it ran; nor for longer than its window.
    #expect(outcome(halted: 180_000).latency == 10 * 30_000)
    #expect(outcome(halted: 100_000, window: 90_000).latency == 10 * 30_000)
    #expect(outcome(halted: -1).latency == 10 * 30_000)
  }
}

@Suite struct `What a recording shows of contention` {
  /// Halts of 100 us every 200 us, the vCPU coming back as `entry` says, and polls of `polled` ns.
  private func halts(
    _ count: Int, polled: UInt64, _ entry: (Int) -> Halt.Entry, cpu: (Int) -> UInt32 = { _ in 0 }
  ) -> Observation {
    var log = HaltLog()
    for index in 0..<count {
      let halt = Halt(
        woke: Timestamp(UInt64(index + 1) * 200_000), block: 100_000, ending: .slept,
        wakeLatency: 30_000, poll: .measured(Nanoseconds(polled)), waker: .interrupt,
        successor: .idle, entry: entry(index), leftCPU: CPU(cpu(index)))
      log.add(
        WindowedHalt(
          halt, window: 50_000, left: 50_000,
          effective: EffectiveParameters(
            rules: .newest,
            parameters: PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2))))
    }
    return Observation(log)
  }

  @Test func `is how long before its switch a task came, learned from the vCPU's own wake-ups`()
    throws
  {
    let seen = halts(40, polled: 60_000) { _ in Halt.Entry(from: .idle, path: 5_000) }
    let found = try #require(
      Contention(
        seen,
        [
          CPU(0): [
            Occupancy(
              entered: Timestamp(1_000_000), left: Timestamp(1_020_000), wasIdle: true,
              task: ThreadID(5)),
            Occupancy(
              entered: Timestamp(2_000_000), left: Timestamp(2_030_000), wasIdle: false,
              task: ThreadID(5)),
            Occupancy(
              entered: nil, left: Timestamp(3_000_000), wasIdle: false, task: ThreadID(5)),
          ], CPU(5): [],
        ]))
    // A waking takes 25 us to the switch, of which 6.5 us end the CPU's idleness; the median run is 25 us.
    #expect(
      found.occupants == [
        0: [
          .init(arrived: 981_500, entered: 1_000_000, left: 1_020_000),
          .init(arrived: 1_998_500, entered: 2_000_000, left: 2_030_000),
          .init(arrived: 2_973_500, entered: 2_975_000, left: 3_000_000),
        ]
      ])
    #expect(found.share == 0)
    #expect(!found.isFloating)
    #expect(found.preemptingShare == 0)
  }

  @Test func `is over when a poll lasts, as a task that was preempted may have left the CPU`()
    throws
  {
    let task = Occupancy(
      entered: Timestamp(1_000_000), left: Timestamp(2_000_000), wasIdle: true, task: ThreadID(5))
    func left(polled: UInt64) throws -> TimeOffset? {
      let seen = halts(40, polled: polled) { _ in Halt.Entry(from: .idle, path: 5_000) }
      return try #require(Contention(seen, [CPU(0): [task]])).occupants[0]?.first?.left
    }
    // The next halt begins at 1,100 us. Polls that end at once tell nothing.
    #expect(try left(polled: 60_000) == 1_100_000)
    #expect(try left(polled: 2_000) == 2_000_000)
  }

  @Test func `is how long the task in front of a wake-up stayed, whether switches show it or not`()
    throws
  {
    let seen = halts(40, polled: 2_000) { _ in Halt.Entry(from: .sleeper, path: 8_000) }
    let settings = PollSettings(
      rules: .newest,
      parameters: PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2))
    // It came 70 us before the third halt's event, and seems to have left 5 us behind it.
    let task = Occupancy(
      entered: Timestamp(500_000), left: Timestamp(575_000), wasIdle: true, task: ThreadID(5))
    let replay = try #require(
      VCPUReplay(
        seen, settings: settings,
        blocks: TimeBlocks(RecordingSpan(begin: Timestamp(0), end: Timestamp(9_000_000))), salt: 1,
        others: OtherTasks([CPU(0): [task]], [:])))
    let schedule = replay.schedule(.choosing)
    let arrivals = schedule.arrivals.filter(\.isSeen)
    #expect(arrivals.count == 40)
    #expect(arrivals.allSatisfy { $0.path == 8_000 })
    let rivals = try #require(schedule.rivals)
    for arrival in arrivals {
      let left = rivals[arrival.rivals].map(\.left)
      switch arrival.halt {
      case 2: #expect(left == [22_000] && arrival.taskStays == -1)
      // Between the events, it is gone at the next one.
      case 3: #expect(left == [-195_000] && arrival.taskStays == 22_000)
      default: #expect(left.isEmpty && arrival.taskStays == 22_000)
      }
    }
  }

  @Test func `is how often a sleeper still counts, and how often a vCPU preempts`() throws {
    let seen = halts(100, polled: 2_000) { index in
      Halt.Entry(from: index % 4 == 0 ? .preempted : .sleeper, path: 8_000)
    }
    let found = try #require(Contention(seen, [:]))
    // All of 74 halts behind one that came back from a sleeper: one of 74 may be missing. None is short.
    #expect(found.held.afterLong == .init(share: 1, range: (1 - 1 / 74.0)...1))
    #expect(found.held.afterShort == .init(share: 0.95, range: 0.9...1))
    #expect(found.sleeperShare == 0.75)
    let least = found.assuming(held: \.range.lowerBound).held
    #expect(least.afterLong.share == 1 - 1 / 74.0 && least.afterShort.share == 0.9)
    #expect(found.preemptingShare == 0.25)
    #expect(found.share == 1)
    #expect(found.paths == Array(repeating: 8_000, count: 64))
    #expect(found.preemptingLatencies == Array(repeating: 30_000, count: 64))
    #expect(found.longestWait == 22_000)
  }

  @Test func `of times that run backwards is none`() throws {
    var log = HaltLog()
    // The last stretch ends before it begins.
    for time in [1_000, 9_000, 5_000, 2_000, 9_000] as [UInt64] {
      if time == 5_000 { log.breakOff() }
      log.add(
        WindowedHalt(
          Halt(
            woke: Timestamp(time * 1_000), block: 100, ending: .slept, wakeLatency: 50,
            entry: Halt.Entry(from: .idle, path: 10), leftCPU: CPU(0)),
          window: 0, left: 0,
          effective: EffectiveParameters(
            rules: .newest,
            parameters: PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2))))
      if time == 2_000 { log.breakOff() }
    }
    #expect(try #require(Contention(Observation(log), [:])).competitorShare == 0)
  }

  @Test func `is assumed where few cases show it`() throws {
    let seen = halts(10, polled: 2_000) { _ in Halt.Entry(from: .sleeper, path: 8_000) }
    let found = try #require(Contention(seen, [:]))
    let assumed = Contention.HeldShare(share: 0.95, range: 0.9...1)
    #expect(found.held.afterShort == assumed && found.held.afterLong == assumed)
  }

  @Test func `is on several CPUs where the vCPU floats`() throws {
    let seen = halts(
      40, polled: 60_000, { _ in Halt.Entry(from: .idle, path: 5_000) },
      cpu: { UInt32($0 % 2) })
    #expect(try #require(Contention(seen, [:])).isFloating)
  }

  @Test func `may be placed otherwise where tasks that had the CPU had others as well`() throws {
    let seen = halts(40, polled: 60_000) { _ in Halt.Entry(from: .sleeper, path: 5_000) }
    func occupancy(_ task: Int32, from begin: UInt64, for length: UInt64) -> Occupancy {
      Occupancy(
        entered: Timestamp(begin), left: Timestamp(begin + length), wasIdle: true,
        task: ThreadID(task))
    }
    // Task 6 was on CPU 3, too.
    let other = occupancy(6, from: 500, for: 100)
    let few = [occupancy(5, from: 1_000, for: 980_000), occupancy(6, from: 990_000, for: 20_000)]
    let many = [occupancy(5, from: 1_000, for: 900_000), occupancy(6, from: 990_000, for: 90_000)]
    #expect(try !#require(Contention(seen, [CPU(0): few, CPU(3): [other]])).isFloating)
    #expect(try #require(Contention(seen, [CPU(0): many, CPU(3): [other]])).isFloating)
    #expect(try !#require(Contention(seen, [CPU(0): many])).isFloating)
  }
}
