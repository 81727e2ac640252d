package import PollTrace

/// Which setting of a guest's own polling fits a recording, how sure that is, and what it was chosen from.
package struct GuestRecommendation: Sendable {
  /// A setting with what it would have done.
  package struct Choice: Sendable {
    package let name: String
    package let parameters: GuestPollLimit.Parameters
    package let prediction: Prediction
  }
  /// A setting of the grid.
  package struct Row: Sendable {
    package let parameters: GuestPollLimit.Parameters
    package let halves: [PollOutcome]
    package var outcome: PollOutcome { halves[0] + halves[1] }
  }

  package let guest: GuestReplay
  package let objective: Objective
  package let maxPollShare: Double?
  package let verdict: Recommendation.Verdict
  package let current: Choice
  package let recommended: Choice?
  /// Off, the kernel's default, the present one, the recommended one.
  package let choices: [Choice]
  package let rows: [Row]
  package let front: [Row]
  /// Cost on the second half of the setting that is best on the first, against the present one's.
  package let holdout: Double?
  /// How many blocks of trials are among what was recorded: the same guest under several settings.
  package let trialBlocks: Int
}

/// Finds the recommendation for a guest's recording, as `Adviser` does for a host's.
package struct GuestAdviser: Sendable {
  package var objective = Objective.balanced
  /// The most that polling may take, as a share of the CPUs' time.
  package var maxPollShare: Double?
  package var lostEvents: UInt64 = 0
  /// How many blocks of trials were recorded.
  package var trialBlocks = 0

  package init() {}

  private static let least: (idles: UInt64, seconds: Double) = (1_000, 2)

  /// The settings that are tried: off, and 14 maxima from 10 µs to 2 ms, with limits that start at 10 µs, 50 µs
  /// or the maximum, and shrink to nothing, by half, or not at all.
  package static let grid: [GuestPollLimit.Parameters] = {
    var off = GuestPollLimit.Parameters()
    off.most = 0
    var settings = [off]
    for most in [10, 20, 30, 50, 80, 100, 150, 200, 300, 400, 600, 800, 1_200, 2_000] as [UInt32] {
      for start in Set([10, 50, most].filter { $0 <= most }).sorted() {
        for (shrink, allows) in [(0, true), (2, true), (2, false)] as [(UInt32, Bool)] {
          for grow in start == most ? [2] : [2, 4] as [UInt32] {
            var setting = GuestPollLimit.Parameters()
            (setting.most, setting.growStart) = (most * 1_000, start * 1_000)
            (setting.grow, setting.shrink, setting.allowsShrink) = (grow, shrink, allows)
            settings.append(setting)
          }
        }
      }
    }
    return settings
  }()

  /// What fits `guest` best.
  package func advise(_ guest: GuestReplay) -> GuestRecommendation {
    let now = guest.parameters
    let settings = [now] + Self.grid.filter { $0 != now }
    let rows = zip(settings, guest.halves(settings)).map {
      GuestRecommendation.Row(parameters: $0, halves: $1)
    }
    let best = choose(rows, now, share: 1, guest.time) { $0.outcome }
    var off = now
    off.most = 0
    var named: [(String, GuestPollLimit.Parameters)] = [
      ("off", off), ("kernel_default", .init()), ("current", now),
    ]
    if let best { named.append(("recommended", best.parameters)) }
    let predictions = guest.predict(named.map(\.1), weight: objective.latencyWeight)
    let choices = named.map {
      GuestRecommendation.Choice(
        name: $0.0, parameters: $0.1, prediction: predictions.total($0.1))
    }
    let holdout = holdout(rows, now, guest.time)
    let lacks = lacks(guest)
    var verdict = Recommendation.Verdict.none(lacks)
    if lacks.isEmpty, let best {
      verdict = judge(predictions, best, choices[2], holdout, guest.time)
    }
    let recommended: GuestRecommendation.Choice? =
      switch verdict {
      case .change: choices.last
      case .keep: choices[2]
      case .none: nil
      }
    return GuestRecommendation(
      guest: guest, objective: objective, maxPollShare: maxPollShare, verdict: verdict,
      current: choices[2], recommended: recommended,
      choices: verdict == .change ? choices : Array(choices.prefix(3)), rows: rows,
      front: Self.front(rows), holdout: holdout, trialBlocks: trialBlocks)
  }

  private func isAllowed(_ outcome: PollOutcome, over time: Double) -> Bool {
    maxPollShare.map { Double(outcome.pollTime) <= $0 * time } ?? true
  }

  /// The cheapest setting that the limit allows; of those within a hundredth of it, the one that changes
  /// least.
  private func choose(
    _ rows: [GuestRecommendation.Row], _ now: GuestPollLimit.Parameters, share: Double,
    _ time: Double, _ outcome: (GuestRecommendation.Row) -> PollOutcome
  ) -> GuestRecommendation.Row? {
    let allowed = rows.filter { isAllowed(outcome($0), over: time * share) }
      .map { (row: $0, cost: objective.cost(outcome($0))) }
    guard let least = allowed.map(\.cost).min() else { return nil }
    func changes(_ row: GuestRecommendation.Row) -> Int {
      zip(row.parameters.values, now.values).filter { $0 != $1 }.count
    }
    return allowed.filter { $0.cost <= least * 1.01 }
      .min { (changes($0.row), $0.cost) < (changes($1.row), $1.cost) }?.row
  }

  private func holdout(
    _ rows: [GuestRecommendation.Row], _ now: GuestPollLimit.Parameters, _ time: Double
  ) -> Double? {
    let fitted = choose(rows, now, share: 0.5, time) { $0.halves[0] }
    guard let fitted, let present = rows.first else { return nil }
    let cost = objective.cost(present.halves[1])
    return cost > 0 ? objective.cost(fitted.halves[1]) / cost : nil
  }

  private func lacks(_ guest: GuestReplay) -> [Recommendation.Lack] {
    let total = IdleFigures(totalOf: guest.cpus.map(\.figures))
    var lacks: [Recommendation.Lack] = []
    if total.idles < Self.least.idles {
      lacks.append(.halts(total.idles, least: Self.least.idles))
    }
    let seconds = guest.cpus.map(\.time).max().map { $0 / 1e9 } ?? 0
    if seconds < Self.least.seconds {
      lacks.append(.duration(seconds, least: Self.least.seconds))
    }
    if lostEvents > total.idles / 100 { lacks.append(.lostEvents(lostEvents)) }
    if total.fidelity.contradicted > 0 {
      lacks.append(.contradictions(total.fidelity.contradicted))
    }
    if guest.cpus.allSatisfy({ $0.replay == nil }) { lacks.append(.nothingReplayed) }
    return lacks
  }

  private func judge(
    _ predictions: GuestPredictions, _ best: GuestRecommendation.Row,
    _ current: GuestRecommendation.Choice, _ holdout: Double?, _ time: Double
  ) -> Recommendation.Verdict {
    if best.parameters == current.parameters { return .keep(.isBest) }
    guard isAllowed(current.prediction.outcome, over: time) else { return .change }
    let comparison = Comparison(
      predictions.parts[current.parameters] ?? [], predictions.parts[best.parameters] ?? [],
      objective)
    return comparison.verdict(
      over: objective.cost(current.prediction.outcome), time, holdout: holdout)
  }

  /// The settings that no other beats on both poll CPU and wake-up latency, by rising poll CPU.
  private static func front(_ rows: [GuestRecommendation.Row]) -> [GuestRecommendation.Row] {
    let sorted = rows.map { (row: $0, outcome: $0.outcome) }.sorted {
      ($0.outcome.pollTime, $0.outcome.latency) < ($1.outcome.pollTime, $1.outcome.latency)
    }
    var least = Int64.max
    return sorted.filter { entry in
      guard entry.outcome.latency < least else { return false }
      least = entry.outcome.latency
      return true
    }.map(\.row)
  }
}
