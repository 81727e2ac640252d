internal import PollTrace
internal import PollTraceReplay

/// What other settings would cost: poll CPU against wake-up latency, the named ones on it.
struct FrontChart {
  /// By rising poll CPU.
  let points: [Point]
  /// The titles of the table's columns behind the names.
  let columns: [String]
  let side: PageSide

  /// A point of the picture, and a row of its table.
  struct Point {
    var names: [Choice.Name]
    /// The table's fields behind the names.
    var cells: [String]
    /// Where it lies: percent of a CPU, and microseconds.
    var x: Double
    var y: Double
    /// Where it may lie, in the same; nil for what was measured.
    var doubt: (x: ClosedRange<Double>, y: ClosedRange<Double>)?
    var isNamed: Bool { names != [.front] }
    var isRecommended: Bool { names.contains(.recommended) }
  }

  /// By rising poll CPU, the rest of the settings behind those that have names.
  init(_ points: [Point], _ columns: [String], _ side: PageSide) {
    self.points = points.sorted { ($0.x, -$0.y) < ($1.x, -$1.y) }
    (self.columns, self.side) = (columns, side)
  }

  func write(to page: inout Markup) {
    guard !points.isEmpty else { return }
    let figure = Figure(
      id: "front", title: "Settings: poll CPU against wake-up latency", summary: summary(points),
      caption:
        "Further left burns less CPU, further down wakes \(side == .host ? "guests" : "CPUs") sooner; crosses show how far a "
        + "prediction may be off.",
      legend: [
        ("front", "settings that no other beats"),
        ("tick-mark", "named settings, with their predicted range"),
      ],
      height: 380, isWide: true, table: table(points))
    figure.write(to: &page) { svg in draw(points, &svg) }
  }

  private func summary(_ points: [Point]) -> String {
    let named = points.filter(\.isNamed).map {
      "\($0.names.map(\.title).joined(separator: " and ")): \(Numbers.percent($0.x / 100)) of a "
        + "CPU, \(Numbers.time($0.y * 1e3))"
    }
    return
      "Scatter plot of settings: share of a CPU that a \(side.vcpu) polls away, against mean wake-up "
      + "latency. \(named.joined(separator: "; "))."
  }

  private func table(_ points: [Point]) -> DataTable {
    DataTable(
      "Settings: poll CPU and wake-up latency", "setting", columns,
      points.map { [$0.names.map(\.title).joined(separator: ", ")] + $0.cells })
  }

  private func draw(_ points: [Point], _ svg: inout Markup) {
    var plot = Plot(height: 380)
    plot.right = 24
    let xs = Scale(
      values: 0...max(0.01, (points.map(\.x).max() ?? 1) * 1.06), places: plot.across)
    let ys = Scale(
      values: 0...max(0.01, (points.map(\.y).max() ?? 1) * 1.35), places: plot.upward)
    plot.leftAxis(ys, "mean wake-up latency (µs)", ticks: 5, &svg)
    plot.bottomAxis(xs, "poll CPU, share of a CPU per \(side.vcpu) (%)", isGrid: true, &svg)
    let marks = points.map { Mark(point: $0, x: xs.place($0.x), y: ys.place($0.y)) }
    let plain = marks.filter { !$0.point.isNamed }
    let named = marks.filter(\.point.isNamed)
    var line = Outline()
    for (index, mark) in plain.enumerated() {
      if index == 0 { line.move(mark.x, mark.y) } else { line.line(mark.x, mark.y) }
    }
    svg.path("front", line)
    for mark in plain { mark.draw("dot", 2.6, &svg) }
    for mark in named { mark.drawDoubt(xs, ys, &svg) }
    // The recommended one lies on top.
    for mark in named where !mark.point.isRecommended {
      mark.draw(mark.point.names == [.clairvoyantBound] ? "mark bound" : "mark", 5, &svg)
    }
    for mark in named where mark.point.isRecommended { mark.draw("mark recommended", 5, &svg) }
    drawNames(named, beside: plain, xs, ys, plot, &svg)
    for (row, mark) in marks.enumerated() {
      let box = Box(around: (mark.x, mark.y), mark.point.isNamed ? 10 : 7)
      svg.spot(row, box.x, box.y, box.width, box.height)
    }
  }

  /// A point where it is drawn.
  private struct Mark {
    var point: Point
    var x: Double
    var y: Double

    func draw(_ style: String, _ radius: Double, _ svg: inout Markup) {
      svg.shape(
        "circle",
        ["class": style, "cx": Place.text(x), "cy": Place.text(y), "r": Place.text(radius)])
    }

    /// A cross; a line without an end mark goes on beyond the picture.
    func drawDoubt(_ xs: Scale, _ ys: Scale, _ svg: inout Markup) {
      guard let doubt = point.doubt else { return }
      var cross = Outline(xs.place(doubt.x.lowerBound), y)
      cross.across(xs.place(doubt.x.upperBound))
      cross.move(x, ys.place(doubt.y.lowerBound))
      cross.up(ys.place(doubt.y.upperBound))
      for end in [doubt.x.lowerBound, doubt.x.upperBound] where xs.values.contains(end) {
        cross.move(xs.place(end), y - 4)
        cross.up(y + 4)
      }
      for end in [doubt.y.lowerBound, doubt.y.upperBound] where ys.values.contains(end) {
        cross.move(x - 4, ys.place(end))
        cross.across(x + 4)
      }
      svg.path("doubt", cross)
    }
  }

  /// Names beside their points, where they cover neither each other nor what is drawn.
  private func drawNames(
    _ named: [Mark], beside plain: [Mark], _ xs: Scale, _ ys: Scale, _ plot: Plot,
    _ svg: inout Markup
  ) {
    var taken = named.map { Box(around: ($0.x, $0.y), 8) }
    for (from, to) in zip(plain, plain.dropFirst()) {
      taken += stride(from: 0.0, to: 1, by: 0.125).map {
        Box(around: (from.x + $0 * (to.x - from.x), from.y + $0 * (to.y - from.y)), 3)
      }
    }
    for mark in named {
      guard let doubt = mark.point.doubt else { continue }
      let (left, high) = (xs.place(doubt.x.lowerBound), ys.place(doubt.y.upperBound))
      taken += [
        Box(x: left, y: mark.y - 2, width: xs.place(doubt.x.upperBound) - left, height: 4),
        Box(x: mark.x - 2, y: high, width: 4, height: ys.place(doubt.y.lowerBound) - high),
      ]
    }
    for (x, y, names) in Self.clusters(named) {
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
            && box.y + height <= plot.base && !taken.contains { $0.overlaps(box) }
        } ?? boxes[0]
      taken.append(box)
      let isRight = box.x > x
      let edge = isRight ? box.x : box.x + width
      let middle = box.y + height / 2
      if abs(middle - y) > height / 2 + 10 || abs(edge - x) > 20 {
        var leader = Outline(x + (isRight ? 4 : -4), middle < y ? y - 5 : y + 5)
        leader.line(edge + (isRight ? -2 : 2), middle)
        svg.path("leader", leader)
      }
      for (number, name) in names.enumerated() {
        svg.label(
          edge, box.y + Double(number) * Self.line + 13, name, isRight ? "start" : "end",
          name == Choice.Name.recommended.title ? "strong halo" : "note halo")
      }
    }
  }

  /// Names by place: points that lie upon each other share one.
  private static func clusters(_ marks: [Mark]) -> [(x: Double, y: Double, names: [String])] {
    var clusters: [(x: Double, y: Double, names: [String])] = []
    for mark in marks {
      let names = mark.point.names.map(\.title)
      if let near = clusters.firstIndex(where: { abs($0.x - mark.x) < 8 && abs($0.y - mark.y) < 8 })
      {
        clusters[near].names += names
      } else {
        clusters.append((mark.x, mark.y, names))
      }
    }
    return clusters
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
