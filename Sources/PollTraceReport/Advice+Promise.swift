internal import PollTrace
internal import PollTraceReplay

extension Advice {
  /// What the recommended setting is predicted to do, with its interval, in a line.
  package var promise: String {
    guard let then = value.recommended, let prediction = then.prediction else { return answer }
    let now = value.objective.cost(value.current.outcome)
    let share = { (cost: Double) in Numbers.percent(now > 0 ? cost / now : 1) }
    let range = prediction.cost.range
    let polls = prediction.pollShare
    return
      "cost (\(value.objective.rawValue)) predicted at \(share(prediction.cost.value)) of the present one "
      + "(\(share(range.lowerBound)) to \(share(range.upperBound))), poll CPU "
      + "\(Numbers.percent(polls.value)) (\(Numbers.percent(polls.range.lowerBound)) to "
      + "\(Numbers.percent(polls.range.upperBound))) of a CPU per vCPU"
  }
}
