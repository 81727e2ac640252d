internal import PollTrace
internal import PollTraceReplay

/// Predicted against recorded: the recorded setting replayed, beside what was recorded of it.
struct FitChart {
  private let prediction: Prediction?
  private let recorded: PollOutcome
  /// In ns of vCPU time.
  private let time: Double
  private let objective: Objective
  private let side: PageSide

  init(_ value: Recommendation) {
    (prediction, recorded) = (value.current.prediction, value.recorded)
    (time, objective, side) = (value.time, value.objective, .host)
  }

  init(_ value: GuestRecommendation) {
    (prediction, recorded) = (value.current.prediction, value.guest.recorded)
    (time, objective, side) = (value.guest.time, value.objective, .guest)
  }

  private static let rowHeight = 54.0

  private struct Row {
    var name: String
    var recorded: Double
    var predicted: Double
    var range: ClosedRange<Double>
    var write: (Double) -> String
  }

  func write(to page: inout Markup) {
    let rows = rows
    guard !rows.isEmpty else { return }
    let table = DataTable(
      "Predicted against recorded", "figure", ["recorded", "predicted", "lowest", "highest"],
      rows.map { row in
        let numbers = [row.recorded, row.predicted, row.range.lowerBound, row.range.upperBound]
        return [row.name] + numbers.map(row.write)
      })
    let hits = rows.filter { $0.range.contains($0.recorded) }.count
    let figure = Figure(
      id: "fit", title: "Predicted against recorded",
      summary: "The recorded setting replayed. "
        + rows.map {
          "\($0.name): recorded \($0.write($0.recorded)), predicted \($0.write($0.predicted))"
        }.joined(separator: "; ") + ".",
      caption: "The recorded setting replayed by the model that predicts the others: "
        + "\(hits) of \(rows.count) recorded figures lie within the predicted span.",
      legend: [
        ("recorded", "recorded"), ("tick-mark", "predicted"), ("band", "where it may lie"),
      ], height: Double(rows.count) * Self.rowHeight + 8, isWide: true, table: table)
    figure.write(to: &page) { svg in draw(rows, &svg) }
  }

  private var rows: [Row] {
    guard let prediction, time > 0 else { return [] }
    let halts = Double(max(1, recorded.halts))
    let replayed = Double(max(1, prediction.outcome.halts))
    let row = {
      (
        name: String, recorded: Double, estimate: Prediction.Estimate, unit: Double,
        write: @escaping (Double) -> String
      ) in
      Row(
        name: name, recorded: recorded, predicted: estimate.value / unit,
        range: estimate.range.lowerBound / unit...estimate.range.upperBound / unit, write: write)
    }
    return [
      row(
        "successful polls / \(side.halts)", Double(recorded.successful) / halts, prediction.hitRate,
        1,
        Numbers.percent),
      row(
        "poll CPU, share of a CPU", Double(recorded.pollTime) / time, prediction.pollShare, 1,
        Numbers.percent),
      row(
        "mean wake-up latency", Double(recorded.latency) / halts, prediction.latency, replayed,
        Numbers.time),
      row(
        "cost per second (\(objective.rawValue))", objective.cost(recorded) / time * 1e9,
        prediction.cost, time / 1e9,
        Numbers.time),
    ]
  }

  private func draw(_ rows: [Row], _ svg: inout Markup) {
    for (number, row) in rows.enumerated() {
      let top = Double(number) * Self.rowHeight
      let y = top + 35
      let most = max(row.range.upperBound, row.recorded, row.predicted)
      let scale = Scale(values: 0...max(1e-9, most * 1.05), places: (8, Plot.width - 8))
      svg.label(8, top + 18, row.name, "start", "note")
      svg.label(
        Plot.width - 8, top + 18, "\(row.write(row.recorded)) recorded", "end", "tick")
      svg.across("grid", 8, Plot.width - 8, at: y)
      let (low, high) = (scale.place(row.range.lowerBound), scale.place(row.range.upperBound))
      svg.bar("band", low, y - 6, max(1.5, high - low), 12)
      svg.upright("tick-mark", y - 9, y + 9, at: scale.place(row.predicted))
      let place = scale.place(row.recorded)
      svg.shape(
        "path",
        [
          "class": "recorded",
          "d": "M\(Place.text(place)) \(Place.text(y - 5.5))l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
        ])
      svg.spot(number, 0, top + 2, Plot.width, Self.rowHeight - 4)
    }
  }
}
