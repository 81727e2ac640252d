package import PollTrace
package import PollTraceReplay

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Judges candidates by the pairs of blocks so far.
///
/// It may find harm at any look, and a gain only at the planned end. All bounds hold at all looks at once, so
/// looking costs nothing. Candidates share the error among them (Bonferroni).
package struct TrialJudge: Sendable {
  /// The probability that any bound of cost is wrong at any look.
  package static let error = 0.05
  /// The same of each guard.
  private static let guardError = 0.01
  /// A change of cost by less does not matter.
  package static let matters = 0.02
  /// So much more of the time in which tasks wait for CPUs is harm.
  private static let pressureMatters = 0.01

  package let objective: Objective
  package let limit: WakeLatencyLimit?
  package let candidates: Int
  private var costs: [ConfidenceSequence]
  private var latencies: [ConfidenceSequence]
  private var rates: [ConfidenceSequence]
  private var pressures: [ConfidenceSequence]
  private var left: [Int]

  package init(candidates: Int, objective: Objective, limit: WakeLatencyLimit? = nil) {
    (self.candidates, self.objective, self.limit) = (candidates, objective, limit)
    func sequences(_ error: Double) -> [ConfidenceSequence] {
      Array(repeating: ConfidenceSequence(error: error / Double(candidates)), count: candidates)
    }
    costs = sequences(Self.error)
    latencies = sequences(Self.guardError)
    rates = sequences(Self.error)
    pressures = sequences(Self.guardError)
    left = Array(repeating: 0, count: candidates)
  }

  /// Takes a round in: the current setting's block and each candidate's; nil for one that was not tried.
  package mutating func take(_ round: [BlockMeasure?]) {
    guard let current = round.first ?? nil else { return }
    for (place, measure) in round.dropFirst().prefix(candidates).enumerated() {
      guard let measure else { continue }
      if let new = measure.cost(objective), let old = current.cost(objective) {
        costs[place].add(log(new / old))
      } else {
        left[place] += 1
      }
      if let limit, measure.showsLatency, let value = measure.latency(limit.statistic) {
        latencies[place].add(log(max(1, value) / Double(max(1, limit.most.rawValue))))
      }
      if measure.rate > 0, current.rate > 0 { rates[place].add(log(measure.rate / current.rate)) }
      if let new = measure.pressure, let old = current.pressure { pressures[place].add(new - old) }
    }
  }

  /// What candidate `setting` (1…) does to the cost.
  package func effect(of setting: Int) -> TrialEffect {
    let costs = costs[setting - 1]
    let range = costs.range
    return TrialEffect(
      setting: setting, pairs: costs.count, left: left[setting - 1], ratio: exp(costs.mean),
      range: exp(range.lowerBound)...exp(range.upperBound), error: costs.error,
      rate: Self.ratio(rates[setting - 1]), harm: harm(of: setting))
  }

  private static func ratio(_ logs: ConfidenceSequence) -> TrialEffect.Ratio {
    TrialEffect.Ratio(
      value: exp(logs.mean), range: exp(logs.range.lowerBound)...exp(logs.range.upperBound))
  }

  package var effects: [TrialEffect] { (1...candidates).map(effect) }

  /// Whether candidate `setting` has been shown to do harm.
  package func harm(of setting: Int) -> TrialHarm? {
    let place = setting - 1
    let cost = costs[place]
    if cost.range.lowerBound > 0, cost.mean > log(1 + Self.matters) { return .cost }
    if latencies[place].range.lowerBound > 0 { return .latency }
    return pressures[place].range.lowerBound > Self.pressureMatters ? .pressure : nil
  }

  /// What is known at the planned end, a round of which lasts `round`.
  package func verdict(round: Nanoseconds) -> TrialVerdict {
    let harms = (1...candidates).map(harm)
    let rest = (1...candidates).filter { harms[$0 - 1] == nil }
    guard !rest.isEmpty else { return .harmful(harms[0] ?? .cost) }
    let better = rest.filter { isBetter($0) && keepsLimit($0) }
    if let best = better.min(by: { costs[$0 - 1].mean < costs[$1 - 1].mean }) {
      return .better(best)
    }
    // Those whose bounds lie within what does not matter, or who are worse by less than that.
    let unknown = rest.filter { !isIndifferent($0) }
    guard !unknown.isEmpty else { return .indifferent }
    let further = unknown.compactMap(roundsLeft).min()
    return .undecided(further: further.map { round.times(UInt64($0)) })
  }

  private func isIndifferent(_ setting: Int) -> Bool {
    let range = costs[setting - 1].range
    return range.lowerBound > log(1 - Self.matters) && range.upperBound < log(1 + Self.matters)
  }

  private func isBetter(_ setting: Int) -> Bool {
    let cost = costs[setting - 1]
    return cost.range.upperBound < 0 && cost.mean < log(1 - Self.matters)
  }

  /// Whether wake-up latency is shown to keep its limit.
  private func keepsLimit(_ setting: Int) -> Bool {
    limit == nil || latencies[setting - 1].range.upperBound < 0
  }

  /// How many further rounds would decide if blocks go on as they did; nil for more than ten times as many.
  private func roundsLeft(_ setting: Int) -> Int? {
    let cost = costs[setting - 1]
    guard cost.count > 1 else { return nil }
    let goal = max(abs(cost.mean), log(1 + Self.matters) - abs(cost.mean))
    for count in cost.count + 1...max(cost.count + 1, 10 * cost.count) {
      if let radius = cost.radius(after: count), radius < goal { return count - cost.count }
    }
    return nil
  }
}
