import CReplay
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

  /// A window that never moves.
  static func always(_ window: UInt32) -> PollParameters {
    PollParameters(ceiling: window, grow: 2, growStart: window, shrink: 1)
  }

  /// What a trial of `design` measures, block by block, in a run of its own for each seed.
  fileprivate func blocks(of design: TrialDesign, seed: UInt64) -> [[Int: BlockMeasure]] {
    var random = SplitMix64(seed: seed)
    let total = Int64(design.length.rawValue)
    // The settling moment is one part of a block, what is measured the others.
    let parts = Int(design.block.rawValue / design.settling.rawValue)
    let order = design.rounds.joined().map { $0 }
    let schedule = schedule(until: total, parts: parts * order.count, &random)
    let changes = order.enumerated().map { place, setting in
      PollSettings.Change(
        since: Timestamp(design.block.rawValue * UInt64(place)), parameters: settings[setting])
    }
    let outcomes = schedule.replay(
      KernelPolling(PollSettings(rules: .newest, changes: changes)), blocks: parts * order.count)
    var blocks = Array(repeating: [Int: BlockMeasure](), count: design.rounds.count)
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

/// A simulated host as a trial works on it: its clock is moved on by whoever runs the trial.
private struct SimulatedMachine: TrialHost {
  struct Unplanned: Error {}
  typealias Failure = Unplanned

  var now = Timestamp(0)
  let blocks: [[Int: BlockMeasure]]
  /// Which setting is in force, and how many blocks each has had.
  var setting = 0
  var had: [Int: Int] = [:]

  mutating func set(_ number: Int) throws(Unplanned) { setting = number }
  func begin() throws(Unplanned) {}
  mutating func measure() throws(Unplanned) -> (measure: BlockMeasure, counted: BlockMeasure?) {
    let round = had[setting, default: 0]
    had[setting] = round + 1
    guard let measure = blocks[round][setting] else { throw Unplanned() }
    return (measure, nil)
  }
}

/// Runs a whole trial on `host`, as one on a machine is run.
func trial(
  _ host: SimulatedHost, _ design: TrialDesign, seed: UInt64, objective: Objective = .balanced
) throws -> TrialSession {
  var machine = SimulatedMachine(blocks: host.blocks(of: design, seed: seed))
  var session = TrialSession(
    design, TrialJudge(candidates: design.settings - 1, objective: objective))
  while let next = try session.step(&machine) { machine.now = next }
  return session
}
