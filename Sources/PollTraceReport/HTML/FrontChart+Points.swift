internal import PollTrace
internal import PollTraceReplay

extension FrontChart {
  /// What a host's settings would cost; choices of the same setting are one point.
  init(_ value: Recommendation) {
    var points: [(point: Point, parameters: PollParameters?)] = []
    for choice in value.choices {
      if let parameters = choice.parameters,
        let same = points.firstIndex(where: { $0.parameters == parameters })
      {
        points[same].point.names.append(choice.name)
      } else {
        points.append((Self.point(choice, value), choice.parameters))
      }
    }
    let others = value.front.filter { choice in
      !points.contains { $0.parameters == choice.parameters }
    }
    let all =
      points.map(\.point) + others.thinned(by: \.outcome).map { Self.point($0, value) }
    self.init(
      value.time > 0 ? all : [],
      [
        "halt_poll_ns", "grow", "grow_start", "shrink", "poll CPU", "poll CPU between", "latency",
        "latency between", "p99", "p99 between", "cost",
      ], .host)
  }

  private static func point(_ choice: Choice, _ value: Recommendation) -> Point {
    let prediction = choice.uncertain
    let halts = Double(max(1, choice.outcome.halts))
    let (x, y) = (
      100 * Double(choice.shown.pollTime) / value.time, choice.shown.meanLatency / 1e3
    )
    return Point(
      names: [choice.name],
      cells: choice.parameterTexts + spans(x, y, prediction, halts) + [
        choice.shownP99.shown(Numbers.time),
        (prediction?.wakeLatency).shown { Numbers.range($0.p99.range, Numbers.time) },
        value.relativeCost(of: choice),
      ], x: x, y: y, doubt: prediction.map { doubt($0, halts) })
  }

  /// What a guest's settings would cost.
  init(_ value: GuestRecommendation) {
    let time = value.guest.time
    let now = value.objective.cost(value.current.prediction.outcome)
    let point = {
      (
        name: Choice.Name, parameters: GuestPollLimit.Parameters, outcome: PollOutcome,
        prediction: Prediction?
      ) in
      let halts = Double(max(1, outcome.halts))
      let (x, y) = (100 * Double(outcome.pollTime) / time, outcome.meanLatency / 1e3)
      let cost =
        now > 0
        ? "\(Numbers.fixed(100 * value.objective.cost(outcome) / now, 0)) %" : Numbers.unknown
      return Point(
        names: [name], cells: parameters.values + Self.spans(x, y, prediction, halts) + [cost],
        x: x, y: y, doubt: prediction.map { Self.doubt($0, halts) })
    }
    var points: [(point: Point, parameters: GuestPollLimit.Parameters)] = []
    for choice in value.choices {
      guard let name = Choice.Name(rawValue: choice.name) else { continue }
      if let same = points.firstIndex(where: { $0.parameters == choice.parameters }) {
        points[same].point.names.append(name)
      } else {
        points.append(
          (
            point(name, choice.parameters, choice.prediction.outcome, choice.prediction),
            choice.parameters
          ))
      }
    }
    let others = value.front.filter { row in
      !points.contains { $0.parameters == row.parameters }
    }
    let all =
      points.map(\.point)
      + others.thinned(by: \.outcome).map { point(.front, $0.parameters, $0.outcome, nil) }
    self.init(
      time > 0 ? all : [],
      GuestPollLimit.Parameters.shortNames + [
        "poll CPU", "poll CPU between", "latency", "latency between", "cost",
      ], .guest)
  }

  /// Poll CPU and latency, each with its range where it is predicted.
  private static func spans(
    _ x: Double, _ y: Double, _ prediction: Prediction?, _ halts: Double
  ) -> [String] {
    [
      Numbers.percent(x / 100),
      prediction.shown { Numbers.range($0.pollShare.range, Numbers.percent) },
      Numbers.time(y * 1e3),
      prediction.shown { Numbers.range($0.latency.range) { Numbers.time($0 / halts) } },
    ]
  }

  private static func doubt(
    _ prediction: Prediction, _ halts: Double
  ) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    let (share, latency) = (prediction.pollShare.range, prediction.latency.range)
    let unit = halts * 1e3
    return (
      x: share.lowerBound * 100...share.upperBound * 100,
      y: latency.lowerBound / unit...latency.upperBound / unit
    )
  }
}
