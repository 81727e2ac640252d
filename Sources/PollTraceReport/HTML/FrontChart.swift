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
      caption:
        "Further left burns less CPU, further down wakes guests sooner; crosses show how far a "
        + "prediction may be off.",
      legend: [
        ("front", "settings that no other beats"),
        ("tick-mark", "named settings, with their predicted range"),
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
    let outcome = choice.recorded ?? choice.outcome
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
    case .clairvoyantBound: "offline optimum"
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
      let prediction = point.choice.uncertain
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
      values: 0...max(0.01, (points.map(\.y).max() ?? 1) * 1.35), places: plot.upward)
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
    // The recommended one lies on top.
    let named = points.filter(\.isNamed)
    for point in named.filter({ !$0.names.contains(.recommended) })
      + named.filter({ $0.names.contains(.recommended) })
    {
      let style =
        point.names.contains(.recommended)
        ? "mark recommended" : point.names == [.clairvoyantBound] ? "mark bound" : "mark"
      svg.shape("circle", Self.circle(style, xs.place(point.x), ys.place(point.y), 5))
    }
    drawNames(points, xs, ys, plot, &svg)
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
    guard let prediction = point.choice.uncertain else { return }
    let halts = Double(max(1, point.choice.outcome.halts)) * 1e3
    let (x, y) = (xs.place(point.x), ys.place(point.y))
    var cross = Outline()
    let (share, latency) = (prediction.pollShare.range, prediction.latency.range)
    cross.move(xs.place(share.lowerBound * 100), y)
    cross.across(xs.place(share.upperBound * 100))
    cross.move(x, ys.place(latency.lowerBound / halts))
    cross.up(ys.place(latency.upperBound / halts))
    // A line without an end mark goes on beyond the picture.
    for end in [share.lowerBound, share.upperBound] where xs.values.contains(end * 100) {
      cross.move(xs.place(end * 100), y - 4)
      cross.up(y + 4)
    }
    for end in [latency.lowerBound, latency.upperBound] where ys.values.contains(end / halts) {
      cross.move(x - 4, ys.place(end / halts))
      cross.across(x + 4)
    }
    svg.shape("path", ["class": "doubt", "d": cross.text])
  }

  /// Names beside their points, where they cover neither each other nor what is drawn.
  private func drawNames(
    _ points: [Point], _ xs: Scale, _ ys: Scale, _ plot: Plot, _ svg: inout Markup
  ) {
    let place = { (point: Point) in (x: xs.place(point.x), y: ys.place(point.y)) }
    var taken = points.filter(\.isNamed).map { Box(around: place($0), 8) }
    let line = points.filter { !$0.isNamed }.map(place)
    for (from, to) in zip(line, line.dropFirst()) {
      for step in 0..<8 {
        let share = Double(step) / 8
        let on = (x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y))
        taken.append(Box(around: on, 3))
      }
    }
    for point in points where point.isNamed {
      guard let prediction = point.choice.uncertain else { continue }
      let (x, y) = place(point)
      let (share, latency) = (prediction.pollShare.range, prediction.latency.range)
      let halts = Double(max(1, point.choice.outcome.halts)) * 1e3
      let (left, high) = (xs.place(share.lowerBound * 100), ys.place(latency.upperBound / halts))
      taken += [
        Box(
          x: left, y: y - 2, width: xs.place(share.upperBound * 100) - left, height: 4),
        Box(
          x: x - 2, y: high, width: 4, height: ys.place(latency.lowerBound / halts) - high),
      ]
    }
    for (x, y, names) in Self.clusters(points.filter(\.isNamed), place) {
      let width = Double(names.map(\.count).max() ?? 0) * Self.letter
      let height = Double(names.count) * Self.line
      let sides: [Double] = [11, 30, 60, 100].flatMap { [x + $0, x - $0 - width] }
      let tops: [Double] = stride(from: -210.0, through: 210, by: 14).map { y + $0 - height / 2 }
      let boxes: [Box] = tops.flatMap { top in
        sides.map { Box(x: $0, y: top, width: width, height: height) }
      }.sorted { $0.distance(toX: x, y: y) < $1.distance(toX: x, y: y) }
      let box =
        boxes.first { box in
          box.x >= plot.left - 4 && box.x + width <= Plot.width && box.y >= 0
            && box.y + height <= plot.height - plot.bottom && !taken.contains { $0.overlaps(box) }
        } ?? boxes[0]
      taken.append(box)
      let isRight = box.x > x
      let edge = isRight ? box.x : box.x + width
      let middle = box.y + height / 2
      if abs(middle - y) > height / 2 + 10 || abs(edge - x) > 20 {
        svg.shape("path", Self.leader(x, y, edge, middle))
      }
      for (number, name) in names.enumerated() {
        svg.label(
          edge, box.y + Double(number) * Self.line + 13, name, isRight ? "start" : "end",
          name == Self.title(.recommended) ? "strong halo" : "note halo")
      }
    }
  }

  /// Names by place: points that lie upon each other share one.
  private static func clusters(
    _ points: [Point], _ place: (Point) -> (x: Double, y: Double)
  ) -> [(x: Double, y: Double, names: [String])] {
    var clusters: [(x: Double, y: Double, names: [String])] = []
    for point in points {
      let (x, y) = place(point)
      let names = point.names.map(title)
      if let near = clusters.firstIndex(where: { abs($0.x - x) < 8 && abs($0.y - y) < 8 }) {
        clusters[near].names += names
      } else {
        clusters.append((x, y, names))
      }
    }
    return clusters
  }

  private static func leader(
    _ x: Double, _ y: Double, _ edge: Double, _ middle: Double
  ) -> Markup.Attributes {
    var line = Outline()
    line.move(x + (edge > x ? 4 : -4), middle < y ? y - 5 : y + 5)
    line.line(edge + (edge > x ? -2 : 2), middle)
    return ["class": "leader", "d": line.text]
  }

  /// About the size of letters on a phone, where they are largest.
  private static let letter = 8.9
  private static let line = 18.0

  private struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    init(x: Double, y: Double, width: Double, height: Double) {
      (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    init(around point: (x: Double, y: Double), _ half: Double) {
      self.init(x: point.x - half, y: point.y - half, width: 2 * half, height: 2 * half)
    }

    /// How far its nearer edge is from a point, from side to side and in height.
    func distance(toX pointX: Double, y pointY: Double) -> Double {
      let aside = x > pointX ? x - pointX : pointX - x - width
      return aside + abs(y + height / 2 - pointY)
    }

    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height
    }
  }
}
