import PollTrace
import PollTraceTrial

@testable import PollTraceReplay

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A host that is only calculated: the replay runs its guest's halts under the settings of a trial, switch by
/// switch, with the window that each setting leaves to the next.
struct SimulatedHost {
  /// Wake events a second, on average.
  var rate = 1_000.0
  /// How much the rate swings, as a share of it, twice in the trial: load that drifts.
  var drift = 0.5
  /// Share of the gaps that are short, and their mean in ns.
  var shortShare = 0.0
  var shortGap = 30_000.0
  /// The current setting, and the candidates'.
  var settings: [PollParameters]

  static func polling(_ ceiling: UInt32, growStart: UInt32 = 10_000) -> PollParameters {
    PollParameters(ceiling: ceiling, grow: 2, growStart: growStart, shrink: 2)
  }

  /// What a trial of `design` measures, round by round, in a run of its own for each seed.
  func rounds(of design: TrialDesign, seed: UInt64) -> [[BlockMeasure?]] {
    var random = SplitMix64(seed: seed)
    let total = Int64(design.length.rawValue)
    // The settling moment is one part of a block, what is measured the others.
    let parts = Int(design.block.rawValue / design.settling.rawValue)
    let order = design.rounds.joined().map { $0 }
    let schedule = schedule(until: total, parts: parts * order.count, &random)
    var changes: [PollSettings.Change] = []
    for (place, setting) in order.enumerated() {
      changes.append(
        .init(
          since: Timestamp(design.block.rawValue * UInt64(place)), parameters: settings[setting]))
    }
    let outcomes = schedule.replay(
      KernelPolling(PollSettings(rules: .newest, changes: changes)), blocks: parts * order.count)
    var blocks: [[BlockMeasure?]] = Array(
      repeating: Array(repeating: nil, count: design.settings), count: design.rounds.count)
    for (place, setting) in order.enumerated() {
      var measure = BlockMeasure(
        length: Nanoseconds(design.block.rawValue - design.settling.rawValue), cpus: 1)
      for part in 1..<parts { measure.outcome += outcomes[place * parts + part] }
      blocks[place / design.settings][setting] = measure
    }
    return blocks
  }

  private func schedule(
    until end: Int64, parts: Int, _ random: inout SplitMix64
  ) -> Schedule {
    var arrivals: [Schedule.Arrival] = []
    arrivals.reserveCapacity(Int(Double(end) / 1e9 * rate * 1.2))
    let phase = random.uniform()
    let longGap = (1e9 / rate - shortShare * shortGap) / (1 - shortShare)
    var time: Int64 = 0
    while true {
      let position = Double(time) / Double(end)
      let load = 1 + drift * sin(2 * Double.pi * (2 * position + phase))
      let isShort = random.uniform() < shortShare
      let gap = -log(1 - random.uniform()) * (isShort ? shortGap : longGap / load)
      time += Int64(gap) + 1_000
      guard time < end else { break }
      arrivals.append(
        Schedule.Arrival(
          time: time, busyAfterPoll: 5_000, busyAfterSleep: 5_000, pollLimit: .max, ownLatency: -1,
          rank: UInt8(random.index(below: 64))))
    }
    return Schedule(
      source: .external, servesWhileBusy: false, arrivals: arrivals,
      stretches: [.init(arrivals: 0..<arrivals.count, begin: 0, end: end)],
      blocks: TimeBlocks(
        RecordingSpan(begin: Timestamp(0), end: Timestamp(UInt64(end))), count: parts), window: 0,
      latencies: Self.latencies, hasShallowRow: false, pending: 0)
  }

  /// Wake-ups from sleep take 15 to 78 µs.
  private static let latencies = (0..<Latencies.rows).flatMap { _ in
    (0..<Int32(Quantiles.ranks)).map { 15_000 + 1_000 * $0 }
  }
}

/// Runs a whole trial: stopped as soon as harm is shown, else judged at its end.
func verdict(
  _ host: SimulatedHost, _ design: TrialDesign, seed: UInt64,
  objective: Objective = .balanced
) -> (verdict: TrialVerdict, judge: TrialJudge, rounds: Int) {
  var judge = TrialJudge(candidates: design.settings - 1, objective: objective)
  for (number, round) in host.rounds(of: design, seed: seed).enumerated() {
    judge.take(round)
    if (1..<design.settings).allSatisfy({ judge.harm(of: $0) != nil }) {
      return (judge.verdict(round: design.round), judge, number + 1)
    }
  }
  return (judge.verdict(round: design.round), judge, design.rounds.count)
}
