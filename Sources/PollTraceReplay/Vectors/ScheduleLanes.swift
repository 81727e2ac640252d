internal import CReplay
internal import PollTrace

/// A schedule laid out for vectors: many settings at once, the same as `Schedule.replay` one by one.
///
/// All settings walk through the events together. One whose halt begins behind an event passes it
/// over, which is all that sets them apart.
struct ScheduleLanes: Sendable {
  private let schedule: Schedule
  /// The latencies, a column a rank.
  private let latencies: [Int32]
  /// The longest wait that is worth polling instead of each latency; empty but in hindsight.
  private let worth: [Int32]
  /// The same of each event's own latency, -1 where it has none; empty but in hindsight.
  private let ownWorth: [Int32]
  private let weight: Double?
  /// Nil where a length is beyond what the vectors hold: then settings are replayed one by one.
  private let batch: Int32?

  /// How many settings go together.
  private static var width: Int { Int(replay_lanes) }

  /// `schedule`, to be replayed as it is; or, with the `weight` of a nanosecond of latency, in
  /// hindsight.
  init(_ schedule: Schedule, weight: Double? = nil) {
    (self.schedule, self.weight) = (schedule, weight)
    let worth = { (latency: Int32) in weight.map { Self.worth(latency, weight: $0) } ?? -1 }
    latencies = Self.columns(schedule.latencies)
    self.worth = weight == nil ? [] : latencies.map(worth)
    ownWorth =
      weight == nil ? [] : schedule.arrivals.map { $0.ownLatency < 0 ? -1 : worth($0.ownLatency) }
    batch = Self.batch(schedule, worth: max(self.worth.max() ?? 0, ownWorth.max() ?? 0))
  }

  /// A table of rows turned into one of columns, each of which has room for more rows.
  private static func columns(_ table: [Int32]) -> [Int32] {
    (0..<Quantiles.ranks * Int(schedule_column)).map { place in
      let (rank, row) = place.quotientAndRemainder(dividingBy: Int(schedule_column))
      return row < Latencies.rows ? table[row * Quantiles.ranks + rank] : 0
    }
  }

  /// The longest wait after which sleeping would have cost more than polling all of it; -1 for none.
  private static func worth(_ latency: Int32, weight: Double) -> Int32 {
    let most = weight * Double(latency)
    let isWorth = { (wait: Int32) in Schedule.pollCost(of: Int64(wait), weight) < most }
    let guess = most - Schedule.pollCost(of: 0, weight)
    // Beyond what the vectors hold, which refuses them the schedule.
    guard guess < Double(schedule_most) else { return .max }
    var wait = Int32(max(guess, 0).rounded(.up)) + 1
    while wait >= 0, !isWorth(wait) { wait -= 1 }
    return wait
  }

  /// Over how many events sums stay below 2³¹; nil where single values do not.
  private static func batch(_ schedule: Schedule, worth: Int32) -> Int32? {
    let most = Int32(schedule_most)
    let latency = schedule.latencies.max() ?? 0
    let far: Int64 = 1 << 61
    guard latency <= most, worth <= most, schedule.latencies.allSatisfy({ $0 >= 0 }),
      (0...Int64(most)).contains(schedule.pending),
      schedule.arrivals.allSatisfy({
        $0.busyAfterPoll >= 0 && $0.busyAfterSleep >= 0 && $0.pollLimit >= 0
          && abs($0.time) < far && Int($0.rank) < Quantiles.ranks
      }),
      schedule.stretches.allSatisfy({
        abs($0.begin) < far && abs($0.end) < far
      })
    else { return nil }
    // A window is shorter than 2²⁴ ns, and a poll that met its event is seen a little later.
    let longest = max(Int64(max(latency, worth)), 1 << 24) + Schedule.pollLatency
    return Int32(Int64(Int32.max) / longest)
  }

  /// What each of `settings` makes of the schedule, in `blocks` blocks of time.
  func replay(
    _ settings: [PollParameters], _ rules: PollRules, blocks: Int = 1, threads: Int
  ) -> [[PollOutcome]] {
    let groups = settings.groups(of: Self.width)
    return Parallel.map(groups.count, threads: threads) {
      var none: [UInt32] = []
      return together(Array(groups[$0]), rules, blocks: blocks, counts: &none)
    }.flatMap(\.self)
  }

  /// The same with how latencies are distributed in each block, each halt `weight` times.
  func watch(
    _ settings: [PollParameters], _ rules: PollRules, blocks: Int, weight: Double
  ) -> [(outcomes: [PollOutcome], latencies: [LatencyDistribution])] {
    guard batch != nil, settings.allSatisfy(\.fitsLanes) else {
      return settings.map {
        let policy = KernelPolling(parameters: $0, rules: rules)
        var seen = LatencyHistograms(blocks: blocks)
        let outcomes = schedule.replay(policy, blocks: blocks, watch: &seen)
        return (outcomes, seen.distributions(weight: weight))
      }
    }
    let size = Int(latency_buckets)
    return settings.groups(of: Self.width).flatMap { group in
      let some = Array(group)
      var counts = [UInt32](repeating: 0, count: some.count * blocks * size)
      let outcomes = together(some, rules, blocks: blocks, counts: &counts)
      return some.indices.map { lane in
        (
          outcomes[lane],
          (lane * blocks..<(lane + 1) * blocks).map {
            LatencyDistribution(counts[$0 * size..<($0 + 1) * size], weight: weight)
          }
        )
      }
    }
  }

  /// The same for at most `width` settings; where there are `counts`, they have room for each latency's.
  private func together(
    _ settings: [PollParameters], _ rules: PollRules, blocks: Int, counts: inout [UInt32]
  ) -> [[PollOutcome]] {
    guard let batch, settings.allSatisfy(\.fitsLanes) else {
      return settings.map { slowly($0, rules, blocks: blocks) }
    }
    var lanes = replay_settings(settings, rules)
    var outcomes = Array(repeating: schedule_outcome(), count: Self.width * blocks)
    var windows = settings.map { Int32(min(schedule.window, $0.ceiling)) }
    windows += Array(repeating: 0, count: Self.width - settings.count)
    for stretch in schedule.stretches {
      replay(stretch, batch, &lanes, blocks, &windows, &outcomes, &counts, settings.count)
    }
    return settings.indices.map { lane in
      outcomes[lane * blocks..<(lane + 1) * blocks].map(PollOutcome.init)
    }
  }

  private func replay(
    _ stretch: Schedule.Stretch, _ batch: Int32, _ lanes: inout replay_settings, _ blocks: Int,
    _ windows: inout [Int32], _ outcomes: inout [schedule_outcome], _ counts: inout [UInt32],
    _ used: Int
  ) {
    let parts = schedule.blocks.joined(into: blocks)
    // None at all is not the same as none known.
    let none = [Schedule.Rival(number: -1, arrived: 0, left: 0, run: 0)]
    let rivals = schedule.rivals.map { $0.isEmpty ? none : $0 } ?? []
    unsafe schedule.arrivals.withUnsafeBufferPointer { events in
      unsafe latencies.withUnsafeBufferPointer { latencies in
        unsafe worth.withUnsafeBufferPointer { worth in
          unsafe ownWorth.withUnsafeBufferPointer { ownWorth in
            unsafe rivals.withUnsafeBufferPointer { rivals in
              let some = unsafe UnsafeBufferPointer(rebasing: events[stretch.arrivals])
              var all = unsafe schedule_stretch(
                events: some.baseAddress, count: some.count,
                rivals: schedule.rivals == nil ? nil : rivals.baseAddress, begin: stretch.begin,
                end: stretch.end, holds_sleeper: stretch.holdsSleeper, first_block: parts.begin,
                block: parts.length, pending: Int32(schedule.pending),
                shallow: schedule.hasShallowRow ? Int32(Latencies.shallow) : 0,
                poll_latency: Int32(Schedule.pollLatency), rounds: Int32(Schedule.mostRounds),
                batch: batch, turn: Int32(Contention.turn),
                switch_time: Int32(Contention.switchTime),
                cut_to_switch: Int32(Contention.cutToSwitch),
                poll_to_switch: Int32(RunQueue.pollToSwitch),
                entry_to_seen: Int32(RunQueue.entryToSeen),
                short_halt: Int32(Contention.shortHalt),
                waking_cost: Int32(clamping: schedule.wakingCost), late_after: schedule.limit,
                latencies: latencies.baseAddress,
                worth: weight == nil ? nil : worth.baseAddress,
                own_worth: weight == nil
                  ? nil : ownWorth.baseAddress.map { unsafe $0 + stretch.arrivals.lowerBound },
                watch: nil)
              guard !counts.isEmpty else {
                return unsafe replay_schedule(
                  &all, schedule.lanesSource, &lanes, Int32(blocks), &windows, &outcomes)
              }
              unsafe counts.withUnsafeMutableBufferPointer { counts in
                var watch = unsafe latency_watch(counts: counts.baseAddress, lanes: Int32(used))
                unsafe withUnsafePointer(to: &watch) { watch in
                  unsafe all.watch = watch
                  unsafe replay_schedule(
                    &all, schedule.lanesSource, &lanes, Int32(blocks), &windows, &outcomes)
                }
              }
            }
          }
        }
      }
    }
  }

  /// The same, one setting after the other.
  private func slowly(
    _ setting: PollParameters, _ rules: PollRules, blocks: Int
  ) -> [PollOutcome] {
    let policy = KernelPolling(parameters: setting, rules: rules)
    guard let weight else { return schedule.replay(policy, blocks: blocks) }
    return schedule.replay(Hindsight(policy), blocks: blocks, weight: weight)
  }
}

extension Schedule {
  fileprivate var lanesSource: schedule_source {
    switch (source, servesWhileBusy) {
    case (.ownRequests, _): schedule_own_requests
    case (.external, false): schedule_external
    case (.external, true): schedule_external_served
    }
  }
}

extension PollOutcome {
  fileprivate init(_ sums: schedule_outcome) {
    self.init()
    halts = sums.halts
    attempted = sums.attempted
    successful = sums.successful
    abandoned = sums.abandoned
    successTime = sums.success_ns
    failTime = sums.fail_ns
    latency = sums.latency_ns
    late = sums.late
  }
}
