import CReplay
import PollTrace
import Testing

@testable import PollTraceReplay

/// A schedule of wake events at `times` without chance: 5 µs busy, latencies of 30 µs.
private func schedule(
  _ times: [Int64], source: WakeSource.Kind = .external, limit: Int32 = .max
) -> Schedule {
  Schedule(
    source: source, servesWhileBusy: false,
    arrivals: times.map {
      Schedule.Arrival(
        time: $0, busyAfterPoll: 5_000, busyAfterSleep: 5_000, pollLimit: limit, ownLatency: -1,
        rank: 0)
    },
    stretches: [
      Schedule.Stretch(arrivals: 0..<times.count, begin: 0, end: 10_000_000)
    ],
    blocks: TimeBlocks(RecordingSpan(begin: Timestamp(0), end: Timestamp(10_000_000))), window: 0,
    latencies: Array(repeating: 30_000, count: Latencies.rows * Quantiles.ranks),
    hasShallowRow: false, pending: 0)
}

private func under(
  _ ceiling: UInt32, growStart: UInt32 = 10_000, shrink: UInt32 = 2
) -> KernelPolling {
  KernelPolling(
    parameters: PollParameters(ceiling: ceiling, grow: 2, growStart: growStart, shrink: shrink),
    rules: .newest)
}

@Suite struct `A replay` {
  @Test func `sleeps through every event without polling`() {
    let outcome = schedule([100_000, 200_000, 300_000]).replay(under(0))[0]
    #expect(outcome.halts == 3)
    #expect(outcome.attempted == 0)
    #expect(outcome.latency == 90_000)
  }

  @Test func `opens a window by the kernel's rule and polls within it`() {
    // Each sleep ends 30 µs late and the guest runs 5 µs, so a halt lasts 65 µs and then 95.3 µs.
    let events = (1...40).map { Int64($0) * 100_000 }
    let outcome = schedule(events).replay(under(200_000))[0]
    #expect(outcome.halts == 40)
    // Windows of 0, 10, 20, 40 µs are too short for the 65 µs that are left of a gap after a
    // sleep; 80 µs hold. A poll leaves 94.7 µs of the next gap, so 80 µs fail once and 160 µs hold.
    #expect(outcome.attempted == 39)
    #expect(outcome.successful == 35)
    #expect(outcome.failTime == 150_000)
    #expect(outcome.latency == 5 * 30_000 + 35 * Schedule.pollLatency)
  }

  @Test func `gives a poll up where another task wants the CPU`() {
    let events = (1...40).map { Int64($0) * 100_000 }
    let outcome = schedule(events, limit: 2_000).replay(under(200_000))[0]
    #expect(outcome.successful == 0)
    #expect(outcome.abandoned == 39)
    #expect(outcome.failTime == 39 * 2_000)
  }

  @Test func `merges outer events that come while the guest runs`() {
    // The second event comes 1 µs after the first was seen.
    let outcome = schedule([100_000, 131_000, 300_000]).replay(under(0))[0]
    #expect(outcome.halts == 2)
  }

  @Test func `keeps how long an answer takes, so that all that follows is earlier`() {
    let gaps = [Int64](repeating: 100_000, count: 50)
    let slow = schedule(gaps, source: .ownRequests).replay(under(0))[0]
    let fast = schedule(gaps, source: .ownRequests)
      .replay(under(200_000, growStart: 200_000, shrink: 1))[0]
    // 10 ms hold a round of 135 µs 74 times, one of 105.3 µs 94 times, and a begin.
    #expect(slow.halts == 75)
    #expect(fast.halts == 95)
  }

  @Test func `adds up over blocks of time`() {
    let events = (1...99).map { Int64($0) * 100_000 }
    let whole = schedule(events).replay(under(200_000))[0]
    let blocks = schedule(events).replay(under(200_000), blocks: 20)
    #expect(blocks.reduce(.zero, +) == whole)
    #expect(blocks.allSatisfy { $0.halts > 0 })
  }

  @Test func `in hindsight costs no more than any setting`() {
    var random = SplitMix64(seed: 7)
    var time: Int64 = 0
    let events = (0..<80).map { _ -> Int64 in
      time += Int64(random.index(below: 220_000))
      return time
    }
    let schedule = schedule(events)
    for weight in [1.0, 4, 20] {
      for ceiling in [0, 10_000, 50_000, 200_000, 1_000_000] as [UInt32] {
        let policy = under(ceiling)
        let cost = { (outcome: PollOutcome) in
          Double(outcome.pollTime) + weight * Double(outcome.latency)
        }
        let real = cost(schedule.replay(policy)[0])
        let best = cost(schedule.replay(Hindsight(policy), weight: weight)[0])
        #expect(best <= real)
      }
    }
  }

  @Test(arguments: [0, 1, 1_023, 1_024, 1_447, 1_449, 2_047, 100_000, 5_000_000, 1 << 40])
  func `finds the row of a latency as the table defines it`(wait: Int64) {
    #expect(
      Schedule.row(wait: wait, asleep: wait, hasShallowRow: false)
        == Latencies.row(wait: wait, asleep: wait, hasShallowRow: false))
  }
}

@Suite struct `The guest's own polling` {
  @Test func `reflects on the sleep alone, and not on polls that met their event`() {
    var guest = GuestHaltPoll()
    guest.leave(after: 60_000, asleep: 60_000)
    guest.leave(after: 110_000, asleep: 60_000)
    #expect(guest.enter(at: 0) == 100_000)
    // The halt lasted for longer than 200 us, the sleep for less: the limit grows.
    guest.leave(after: 250_000, asleep: 150_000)
    #expect(guest.enter(at: 0) == 200_000)
    guest.leave(after: 190_000, asleep: 0)
    #expect(guest.enter(at: 0) == 200_000)
  }

  @Test func `is replayed with the sleep behind its polls`() {
    // Events every 200 us leave a wait of 165 us after a sleep. The second halt sleeps for 195 us and
    // opens the limit at 50 us, the third for 145 us and doubles it; 95 us behind a poll of 100 us move
    // nothing, though each halt lasts for 195 us.
    let events = (1...40).map { Int64($0) * 200_000 }
    let outcome = schedule(events).replay(GuestHaltPoll())[0]
    #expect(outcome.halts == 40)
    #expect(outcome.successful == 0)
    #expect(outcome.failTime == 50_000 + 37 * 100_000)
  }
}
