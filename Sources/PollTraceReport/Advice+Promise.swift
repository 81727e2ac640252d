internal import PollTrace
internal import PollTraceReplay

extension Advice {
  /// What the recommended setting is predicted to do, with its interval, in a line.
  package var promise: String {
    guard let then = value.recommended, let prediction = then.prediction else { return answer }
    return CostPromise.words(
      value.objective, now: value.objective.cost(value.current.outcome), prediction)
      + " of a CPU per vCPU"
  }
}

/// A predicted cost against the present one, and the polls' share of time, each with its interval.
enum CostPromise {
  static func words(_ objective: Objective, now: Double, _ prediction: Prediction) -> String {
    let share = { (cost: Double) in Numbers.percent(now > 0 ? cost / now : 1) }
    let (range, polls) = (prediction.cost.range, prediction.pollShare)
    return
      "cost (\(objective.rawValue)) predicted at \(share(prediction.cost.value)) of the present one "
      + "(\(share(range.lowerBound)) to \(share(range.upperBound))), poll CPU "
      + "\(Numbers.percent(polls.value)) (\(Numbers.percent(polls.range.lowerBound)) to "
      + "\(Numbers.percent(polls.range.upperBound)))"
  }
}
