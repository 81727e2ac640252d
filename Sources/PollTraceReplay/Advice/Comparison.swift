/// One setting against another on the same wake events, under every supposition.
///
/// Chance is drawn alike for both, so that most of the doubt about either falls out.
struct Comparison {
  /// What the other one costs less, in ns; below 0 where it costs more.
  let gain: Double
  /// Its standard error over blocks of time.
  let error: Double
  /// The least gain under any supposition, neighbours as recorded, and wherever tasks are placed.
  let worstNear: Double
  let worstFar: Double

  init(_ current: [VCPUPrediction], _ other: [VCPUPrediction], _ objective: Objective) {
    let total = { (predictions: [VCPUPrediction]) in
      predictions.reduce(PollOutcome.zero) { $0 + $1.mean }
    }
    gain = objective.cost(total(current)) - objective.cost(total(other))
    var variance = 0.0
    for (now, then) in zip(current, other) {
      let differences = zip(now.likely[0], then.likely[0]).map {
        objective.cost($0) - objective.cost($1)
      }
      guard differences.count > 1 else { continue }
      let count = Double(differences.count)
      let mean = differences.reduce(0, +) / count
      variance +=
        differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * count / (count - 1)
    }
    error = variance.squareRoot()
    let worst = { (part: (VCPUPrediction) -> [Scenario: PollOutcome]) in
      let scenarios = Set((current + other).flatMap { part($0).keys })
      return scenarios.map { scenario in
        zip(current, other).reduce(0.0) { sum, pair in
          sum + objective.cost(part(pair.0)[scenario] ?? pair.0.mean)
            - objective.cost(part(pair.1)[scenario] ?? pair.1.mean)
        }
      }.min()
    }
    worstNear = min(gain, worst { $0.bounds } ?? gain)
    worstFar = min(worstNear, worst { $0.placements } ?? gain)
  }
}
