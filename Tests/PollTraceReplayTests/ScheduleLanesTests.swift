import CReplay
import PollTrace
import Testing

@testable import PollTraceReplay

/// Events with all that chance may decide of them, around every bound that matters.
private func schedule(
  seed: UInt64, _ source: WakeSource.Kind, serves: Bool, hasShallowRow: Bool,
  isContended: Bool = false, wakingCost: Int64 = 0
) -> Schedule {
  var random = SplitMix64(seed: seed)
  let waits: [Int64] = [
    0, 1, 1_023, 1_024, 1_447, 1_448, 8_000, 10_000, 200_000, 200_001, 5_000_000, 3_000_000_000,
  ]
  let busy: [Int32] = [0, 1, 200, 5_000, 80_000, 2_000_000_000]
  let pick = { (values: [Int32], random: inout SplitMix64) in
    random.index(below: 8) == 0
      ? values[random.index(below: values.count)] : Int32(random.index(below: 30_000))
  }
  var time: Int64 = 1_000_000_000_000
  let begin = time
  var arrivals: [Schedule.Arrival] = []
  for _ in 0..<3_000 {
    let gap =
      random.index(below: 16) == 0
      ? waits[random.index(below: waits.count)] : Int64(random.index(below: 400_000))
    time += gap
    arrivals.append(
      Schedule.Arrival(
        time: source == .external ? time : gap, busyAfterPoll: pick(busy, &random),
        busyAfterSleep: pick(busy, &random),
        pollLimit: random.index(below: 3) == 0 ? Int32(random.index(below: 20_000)) : .max,
        ownLatency: random.index(below: 50) == 0 ? pick(busy + [.max], &random) : -1,
        rank: UInt8(random.index(below: Quantiles.ranks))))
  }
  let rivals = isContended ? addRivals(to: &arrivals, &random) : nil
  if wakingCost > 0 {
    for index in arrivals.indices {
      arrivals[index].sending = [.alone, .behindAwake, .behindAsleep][random.index(below: 3)]
    }
  }
  let middle = begin + (time - begin) / 2
  let half = arrivals.firstIndex { $0.time >= middle } ?? 1_500
  return Schedule(
    source: source, servesWhileBusy: serves, arrivals: arrivals, rivals: rivals,
    stretches: [
      Schedule.Stretch(arrivals: 0..<half, begin: begin, end: middle),
      Schedule.Stretch(
        arrivals: half..<arrivals.count, begin: middle, end: time, holdsSleeper: isContended),
    ],
    blocks: TimeBlocks(
      RecordingSpan(
        begin: Timestamp(UInt64(begin + 10_000_000)), end: Timestamp(UInt64(time - 5_000_000)))),
    window: 160_000,
    latencies: (0..<Latencies.rows * Quantiles.ranks).map { _ in
      Int32(random.index(below: 90_000))
    }, hasShallowRow: hasShallowRow, pending: Int64(random.index(below: 3)) * 2_000,
    wakingCost: wakingCost)
}

/// Tasks around each event: none, one or two, one of which may be that of the event before.
private func addRivals(
  to arrivals: inout [Schedule.Arrival], _ random: inout SplitMix64
) -> [Schedule.Rival] {
  var rivals: [Schedule.Rival] = []
  var number: Int32 = 0
  let far = Int32(Schedule.Rival.far)
  for index in arrivals.indices {
    let begin = rivals.count
    var arrived = -Int32(random.index(below: 500_000))
    for _ in 0..<random.index(below: 3) {
      let run = random.index(below: 20) == 0 ? far : Int32(random.index(below: 200_000))
      let left = random.index(below: 20) == 0 ? far : arrived + run % far
      rivals.append(Schedule.Rival(number: number, arrived: arrived, left: left, run: run))
      arrived = min(0, arrived + Int32(random.index(below: 300_000)))
      if random.index(below: 4) > 0 { number += 1 }
    }
    arrivals[index].rivals = begin..<rivals.count
    arrivals[index].path = Int32(random.index(below: 9_000))
    arrivals[index].preemptingLatency = Int32(random.index(below: 40_000))
    arrivals[index].patience =
      random.index(below: 3) == 0 ? 0 : Int32(random.index(below: 60_000))
    arrivals[index].holdsAfterShort = random.index(below: 2) == 0
    arrivals[index].holdsAfterLong = random.index(below: 2) == 0
    arrivals[index].taskStays = Int32(random.index(below: 3)) * 8_000 - 1
    arrivals[index].peerHalted = Int32(random.index(below: 300_000)) - 100_000
  }
  return rivals
}

private let settings: [PollParameters] = {
  var settings: [PollParameters] = []
  for ceiling in [0, 1, 10_000, 200_000, 200_001, 4_000_000] as [UInt32] {
    for grow in [0, 1, 2, 3] as [UInt32] {
      for start in [0, 10_000, 300_000] as [UInt32] {
        for shrink in [0, 1, 2, 7] as [UInt32] {
          settings.append(
            PollParameters(ceiling: ceiling, grow: grow, growStart: start, shrink: shrink))
        }
      }
    }
  }
  return settings
}()

/// A source of wake events, and whether busy guests serve them.
private let sources: [(WakeSource.Kind, Bool)] = [
  (.external, false), (.external, true), (.ownRequests, false),
]

@Suite struct `A schedule in vectors` {
  @Test(arguments: sources.indices, [1, 2, 20])
  func `comes to what one setting after the other comes to`(source: Int, blocks: Int) {
    for seed in 0..<4 as Range<UInt64> {
      let schedule = schedule(
        seed: seed, sources[source].0, serves: sources[source].1, hasShallowRow: seed % 2 == 0)
      for rules in PollRules.all {
        let fast = ScheduleLanes(schedule).replay(settings, rules, blocks: blocks, threads: 2)
        #expect(fast.count == settings.count)
        for (setting, outcomes) in zip(settings, fast) {
          let slow = schedule.replay(
            KernelPolling(parameters: setting, rules: rules), blocks: blocks)
          #expect(outcomes == slow, "seed \(seed), \(rules.name), \(setting)")
          if outcomes != slow { return }
        }
      }
    }
  }

  @Test(arguments: sources.indices, [1, 20])
  func `comes to the same where other tasks want the CPU`(source: Int, blocks: Int) {
    for seed in 20..<23 as Range<UInt64> {
      let schedule = schedule(
        seed: seed, sources[source].0, serves: sources[source].1, hasShallowRow: seed % 2 == 0,
        isContended: true)
      for rules in [.linux4_3, .newest] as [PollRules] {
        let fast = ScheduleLanes(schedule).replay(settings, rules, blocks: blocks, threads: 2)
        let slow = settings.map {
          schedule.replay(KernelPolling(parameters: $0, rules: rules), blocks: blocks)
        }
        #expect(fast == slow, "seed \(seed), \(rules.name)")
        // Tasks matter.
        #expect(slow.contains { $0.contains { $0.abandoned > 0 } })
      }
    }
  }

  @Test(arguments: sources.indices, [false, true])
  func `comes to the same where a sender is slower that wakes the vCPU`(
    source: Int, isContended: Bool
  ) {
    for seed in 40..<43 as Range<UInt64> {
      let make = { (cost: Int64) in
        schedule(
          seed: seed, sources[source].0, serves: sources[source].1, hasShallowRow: true,
          isContended: isContended, wakingCost: cost)
      }
      let fast = ScheduleLanes(make(60_000)).replay(settings, .newest, blocks: 20, threads: 2)
      let slow = settings.map {
        make(60_000).replay(KernelPolling(parameters: $0, rules: .newest), blocks: 20)
      }
      #expect(fast == slow, "seed \(seed)")
      // The cost matters, but where the guest makes the events itself.
      let without = ScheduleLanes(make(1)).replay(settings, .newest, blocks: 20, threads: 2)
      #expect((without == fast) == (sources[source].0 == .ownRequests))
    }
  }

  @Test(arguments: sources.indices)
  func `knows in hindsight what the other knows where tasks want the CPU`(source: Int) {
    let schedule = schedule(
      seed: 31, sources[source].0, serves: sources[source].1, hasShallowRow: true,
      isContended: true)
    let fast = ScheduleLanes(schedule, weight: 4).replay(settings, .newest, threads: 2)
    let slow = settings.map {
      schedule.replay(Hindsight(KernelPolling(parameters: $0, rules: .newest)), weight: 4)
    }
    #expect(fast == slow)
  }

  @Test(arguments: sources.indices, [1, 8, 9])
  func `comes to the same for few settings`(source: Int, count: Int) {
    let schedule = schedule(
      seed: 11, sources[source].0, serves: sources[source].1, hasShallowRow: true)
    let some = (0..<count).map { settings[$0 * 31 + 5] }
    let fast = ScheduleLanes(schedule).replay(some, .newest, blocks: 20, threads: 1)
    for (setting, outcomes) in zip(some, fast) {
      #expect(
        outcomes
          == schedule.replay(KernelPolling(parameters: setting, rules: .newest), blocks: 20))
    }
  }

  @Test(arguments: sources.indices, [0, 0.5, 4, 20])
  func `knows in hindsight what one setting after the other knows`(source: Int, weight: Double) {
    let schedule = schedule(
      seed: 9, sources[source].0, serves: sources[source].1, hasShallowRow: source == 0)
    let fast = ScheduleLanes(schedule, weight: weight).replay(settings, .newest, threads: 2)
    for (setting, outcomes) in zip(settings, fast) {
      let policy = Hindsight(KernelPolling(parameters: setting, rules: .newest))
      #expect(outcomes == schedule.replay(policy, weight: weight), "\(setting)")
    }
    #expect(weight < 1 || Set(fast.map { $0[0].successful }).count > 1)
  }

  @Test func `takes values that no vector holds one by one`() {
    let wide = PollParameters(ceiling: .max, grow: 2, growStart: 10_000, shrink: 2)
    let schedule = schedule(seed: 3, .external, serves: false, hasShallowRow: true)
    let outcomes = ScheduleLanes(schedule).replay([settings[60], wide], .newest, threads: 1)
    #expect(outcomes[1] == schedule.replay(KernelPolling(parameters: wide, rules: .newest)))
    #expect(outcomes[1][0].successful > outcomes[0][0].successful)
    var far = schedule
    far.latencies[70] = .max
    #expect(
      ScheduleLanes(far).replay([settings[60]], .newest, threads: 1)[0]
        == far.replay(KernelPolling(parameters: settings[60], rules: .newest)))
  }
}
