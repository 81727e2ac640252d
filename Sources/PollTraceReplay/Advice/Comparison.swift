/// One setting against another on the same wake events, under every assumption.
///
/// Chance is drawn alike for both, so that most of what is uncertain about either cancels.
struct Comparison {
  /// What the other one costs less, in ns; below 0 where it costs more.
  let gain: Double
  /// Its standard error over blocks of time.
  let error: Double
  /// The poll time that the other one saves, and its standard error, in ns.
  let polling: (gain: Double, error: Double)
  /// The least gain under any assumption, neighbours as recorded, and wherever tasks are placed.
  let worstNear: Double
  let worstFar: Double

  init(_ current: [VCPUPrediction], _ other: [VCPUPrediction], _ objective: Objective) {
    let total = { (predictions: [VCPUPrediction]) in
      objective.cost(predictions.reduce(PollOutcome.zero) { $0 + $1.mean })
    }
    gain = total(current) - total(other)
    let difference = BlockTotals(current) - BlockTotals(other)
    error = difference.error(objective.cost)
    let polls = { (predictions: [VCPUPrediction]) in
      predictions.reduce(0.0) { $0 + Double($1.mean.pollTime) }
    }
    polling = (polls(current) - polls(other), difference.error { Double($0.pollTime) })
    let worst = { (part: (VCPUPrediction) -> [Assumption: PollOutcome]) in
      let assumptions = Set((current + other).flatMap { part($0).keys })
      return assumptions.map { assumption in
        zip(current, other).reduce(0.0) { sum, pair in
          sum + objective.cost(part(pair.0)[assumption] ?? pair.0.mean)
            - objective.cost(part(pair.1)[assumption] ?? pair.1.mean)
        }
      }.min()
    }
    worstNear = min(gain, worst { $0.bounds } ?? gain)
    worstFar = min(worstNear, worst { $0.placements } ?? gain)
  }
}
