internal import PollTrace
internal import PollTraceReplay

/// What other settings would cost: poll CPU against wake-up latency, the named ones on it.
struct FrontChart {
  let value: Recommendation

  /// A point of the picture, and a row of its table.
  private struct Point {
    var names: [Choice.Name]
    var choice: Choice
    /// Where it lies: percent of a CPU, and microseconds.
    var x: Double
    var y: Double
    var isNamed: Bool { names != [.front] }
  }

  func write(to page: inout Markup) {
    guard value.time > 0 else { return }
    let points = points
    let figure = Figure(
      id: "front", title: "Settings: poll CPU against wake-up latency", summary: summary(points),
      caption: "Each dot is a setting that no other beats on both. Further left burns less CPU, "
        + "further down wakes guests sooner; lines show how far a prediction may be off.",
      legend: [
        ("front", "settings that no other beats"),
        ("tick-mark", "named settings, with their doubt"),
      ],
      height: 380, isWide: true, table: table(points))
    figure.write(to: &page) { svg in draw(points, &svg) }
  }

  /// By rising poll CPU; choices of the same setting are one point.
  private var points: [Point] {
    var points: [Point] = []
    for choice in value.choices {
      if let parameters = choice.parameters,
        let same = points.firstIndex(where: { $0.choice.parameters == parameters })
      {
        points[same].names.append(choice.name)
      } else {
        points.append(point(choice))
      }
    }
    var last: Choice?
    for choice in value.front {
      if points.contains(where: { $0.choice.parameters == choice.parameters }) { continue }
      if let last, Double(choice.outcome.latency) >= 0.95 * Double(last.outcome.latency) {
        continue
      }
      last = choice
      points.append(point(choice))
    }
    return points.sorted { ($0.x, -$0.y) < ($1.x, -$1.y) }
  }

  private func point(_ choice: Choice) -> Point {
    let outcome = choice.outcome
    return Point(
      names: [choice.name], choice: choice, x: 100 * Double(outcome.pollTime) / value.time,
      y: Double(outcome.latency) / Double(max(1, outcome.halts)) / 1e3)
  }

  static func title(_ name: Choice.Name) -> String {
    switch name {
    case .off: "off"
    case .kernelDefault: "kernel default"
    case .current: "current"
    case .recommended: "recommended"
    case .bestFixedWindow: "best fixed window"
    case .clairvoyantBound: "bound (perfect foresight)"
    case .front: "on the front"
    }
  }

  private func summary(_ points: [Point]) -> String {
    let named = points.filter(\.isNamed).map {
      "\($0.names.map(Self.title).joined(separator: " and ")): \(Numbers.percent($0.x / 100)) of a "
        + "CPU, \(Numbers.time($0.y * 1e3))"
    }
    return "Scatter plot of settings: share of a CPU that a vCPU polls away, against mean wake-up "
      + "latency. \(named.joined(separator: "; "))."
  }

  private func table(_ points: [Point]) -> DataTable {
    var table = DataTable(
      "Settings: poll CPU and wake-up latency", "setting",
      [
        "halt_poll_ns", "grow", "grow_start", "shrink", "poll CPU", "poll CPU between", "latency",
        "latency between", "cost",
      ])
    let now = value.objective.cost(value.current.outcome)
    for point in points {
      let parameters = point.choice.parameters
      let prediction = point.choice.prediction
      let mean = { (sum: Double) in
        Numbers.time(sum / Double(max(1, point.choice.outcome.halts)))
      }
      table.add([
        point.names.map(Self.title).joined(separator: ", "),
        (parameters?.ceiling).shown { "\($0)" }, (parameters?.grow).shown { "\($0)" },
        (parameters?.growStart).shown { "\($0)" }, (parameters?.shrink).shown { "\($0)" },
        Numbers.percent(point.x / 100),
        prediction.shown {
          "\(Numbers.percent($0.pollShare.range.lowerBound)) – "
            + Numbers.percent($0.pollShare.range.upperBound)
        }, Numbers.time(point.y * 1e3),
        prediction.shown {
          "\(mean($0.latency.range.lowerBound)) – \(mean($0.latency.range.upperBound))"
        },
        now > 0
          ? "\(Numbers.fixed(100 * value.objective.cost(point.choice.outcome) / now, 0)) %"
          : Numbers.unknown,
      ])
    }
    return table
  }

  private func draw(_ points: [Point], _ svg: inout Markup) {
    var plot = Plot(height: 380)
    plot.right = 24
    let xs = Scale(
      values: 0...max(0.01, (points.map(\.x).max() ?? 1) * 1.06), places: plot.across)
    let ys = Scale(
      values: 0...max(0.01, (points.map(\.y).max() ?? 1) * 1.1), places: plot.upward)
    plot.leftAxis(ys, "mean wake-up latency (µs)", ticks: 5, &svg) {
      Numbers.significantTick($0)
    }
    plot.bottomAxis(xs, "poll CPU, share of a CPU a vCPU (%)", isGrid: true, &svg) {
      Numbers.significantTick($0)
    }
    var line = Outline()
    let plain = points.filter { !$0.isNamed }
    for (index, point) in plain.enumerated() {
      let place = (xs.place(point.x), ys.place(point.y))
      if index == 0 { line.move(place.0, place.1) } else { line.line(place.0, place.1) }
    }
    svg.shape("path", ["class": "front", "d": line.text])
    for point in plain {
      svg.shape("circle", Self.circle("dot", xs.place(point.x), ys.place(point.y), 2.6))
    }
    for point in points where point.isNamed { drawDoubt(point, xs, ys, &svg) }
    for point in points where point.isNamed {
      let style =
        point.names.contains(.recommended)
        ? "mark recommended" : point.names == [.clairvoyantBound] ? "mark bound" : "mark"
      svg.shape("circle", Self.circle(style, xs.place(point.x), ys.place(point.y), 5))
    }
    drawNames(points.filter(\.isNamed), xs, ys, plot, &svg)
    for (row, point) in points.enumerated() {
      let half = point.isNamed ? 10.0 : 7
      svg.spot(
        row, xs.place(point.x) - half, ys.place(point.y) - half, 2 * half, 2 * half)
    }
  }

  private static func circle(
    _ style: String, _ x: Double, _ y: Double, _ radius: Double
  ) -> Markup.Attributes {
    ["class": style, "cx": Place.text(x), "cy": Place.text(y), "r": Place.text(radius)]
  }

  private func drawDoubt(_ point: Point, _ xs: Scale, _ ys: Scale, _ svg: inout Markup) {
    guard let prediction = point.choice.prediction else { return }
    let halts = Double(max(1, point.choice.outcome.halts)) * 1e3
    let (x, y) = (xs.place(point.x), ys.place(point.y))
    var cross = Outline()
    cross.move(xs.place(prediction.pollShare.range.lowerBound * 100), y)
    cross.across(xs.place(prediction.pollShare.range.upperBound * 100))
    cross.move(x, ys.place(prediction.latency.range.lowerBound / halts))
    cross.up(ys.place(prediction.latency.range.upperBound / halts))
    svg.shape("path", ["class": "doubt", "d": cross.text])
  }

  /// Names beside their points, moved apart where they would overlap.
  private func drawNames(
    _ points: [Point], _ xs: Scale, _ ys: Scale, _ plot: Plot, _ svg: inout Markup
  ) {
    for isRight in [true, false] {
      let side = points.filter { (xs.place($0.x) < Plot.width * 0.55) == isRight }
        .sorted { ys.place($0.y) < ys.place($1.y) }
      var lowest = plot.top - 8
      for point in side {
        let (x, y) = (xs.place(point.x), ys.place(point.y))
        let place = max(y - 9, lowest + 18)
        lowest = place
        let from = isRight ? x + 16 : x - 16
        if abs(place - y) > 10 {
          svg.shape(
            "path",
            [
              "class": "leader",
              "d":
                "M\(Place.text(x)) \(Place.text(y))L\(Place.text(from - (isRight ? 3 : -3))) \(Place.text(place - 3))",
            ])
        }
        svg.label(
          from, place, point.names.map(Self.title).joined(separator: ", "),
          isRight ? "start" : "end",
          point.names.contains(.recommended) ? "strong halo" : "note halo")
      }
    }
  }
}
