internal import PollTrace

/// The frame that pictures are drawn in: axes with units, and marks that a reader can ask.
///
/// All pictures are 560 units wide and are scaled to the page; the style sheet sizes their letters.
struct Plot {
  static let width = 560.0
  var height: Double
  var left = 62.0
  var right = 14.0
  var top = 12.0
  var bottom = 46.0

  var across: (from: Double, to: Double) { (left, Self.width - right) }
  /// From the bottom up.
  var upward: (from: Double, to: Double) { (base, top) }
  /// Where the axis below lies.
  var base: Double { height - bottom }
  /// The width of each of `count` parts of the axis.
  func step(_ count: Int) -> Double { (across.to - across.from) / Double(count) }

  /// Grid lines and their labels below, with the axis's name.
  func bottomAxis(
    _ scale: Scale, _ title: String, ticks: Int = 6, isGrid: Bool = false, _ svg: inout Markup
  ) {
    svg.across("axis", left, across.to, at: base)
    for value in scale.ticks(ticks) {
      let x = scale.place(value)
      svg.upright(isGrid ? "grid" : "axis", base, isGrid ? top : base + 4, at: x)
      svg.tick(x, base + 17, Numbers.significantTick(value))
    }
    svg.label((left + across.to) / 2, height - 5, title, "middle", "name")
  }

  /// The same to the left.
  func leftAxis(
    _ scale: Scale, _ title: String, ticks: Int, _ svg: inout Markup,
    _ write: (Double) -> String = Numbers.significantTick
  ) {
    for value in scale.ticks(ticks) {
      let y = scale.place(value)
      svg.across("grid", left, across.to, at: y)
      svg.label(left - 7, y + 4, write(value), "end")
    }
    let middle = Place.text((top + base) / 2)
    svg.element(
      "text",
      [
        "class": "name", "text-anchor": "middle",
        "transform": "translate(13 \(middle)) rotate(-90)",
      ], title)
  }

  /// Marks for the rows of a table over time, from `top` to `bottom`.
  func timeSpots(_ axis: Timeline.Axis, _ top: Double, _ bottom: Double, _ svg: inout Markup) {
    let width = step(axis.bins)
    for (row, bins) in axis.rows.enumerated() {
      svg.spot(
        row, left + Double(bins.lowerBound) * width, top, Double(bins.count) * width, bottom - top)
    }
  }
}

extension Timeline.Axis {
  /// From the axis's begin to its end, in s.
  func scale(_ plot: Plot) -> Scale {
    Scale(values: 0...max(1, Double(length.rawValue)) / 1e9, places: plot.across)
  }

  /// The bins of each row of a table, ten at a time.
  var rows: [Range<Int>] {
    stride(from: 0, to: bins, by: 10).map { $0..<min($0 + 10, bins) }
  }

  /// From when to when some bins reach, since the axis's begin.
  func words(_ bins: Range<Int>) -> String {
    "\(Numbers.time(begin(of: bins.lowerBound) - begin)) – "
      + Numbers.time(begin(of: bins.upperBound) - begin)
  }
}

extension Markup {
  /// The label of a place on the axis below, inside the picture.
  mutating func tick(_ x: Double, _ y: Double, _ text: String) {
    let isLast = x + Double(text.count) * 4.5 > Plot.width
    label(isLast ? Plot.width : x, y, text, isLast ? "end" : "middle")
  }

  /// Text in a picture.
  mutating func label(
    _ x: Double, _ y: Double, _ text: String, _ anchor: String = "start", _ style: String = "tick"
  ) {
    element(
      "text",
      ["class": style, "x": Place.text(x), "y": Place.text(y), "text-anchor": anchor], text)
  }

  /// A shape, in the style of what it means.
  mutating func path(_ style: String, _ outline: Outline) {
    shape("path", ["class": style, "d": outline.text])
  }
  mutating func across(_ style: String, _ from: Double, _ to: Double, at y: Double) {
    var line = Outline(from, y)
    line.across(to)
    path(style, line)
  }
  mutating func upright(_ style: String, _ from: Double, _ to: Double, at x: Double) {
    var line = Outline(x, from)
    line.up(to)
    path(style, line)
  }
  mutating func bar(
    _ style: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double
  ) {
    shape(
      "rect",
      [
        "class": style, "x": Place.text(x), "y": Place.text(y), "width": Place.text(width),
        "height": Place.text(height),
      ])
  }

  /// Where a reader points to see row `row` of the table behind the picture.
  mutating func spot(_ row: Int, _ x: Double, _ y: Double, _ width: Double, _ height: Double) {
    shape(
      "rect",
      [
        "class": "spot", "data-row": "\(row)", "x": Place.text(x), "y": Place.text(y),
        "width": Place.text(width), "height": Place.text(height),
      ])
  }

  /// What the styles of a picture's parts mean.
  mutating func legend(_ parts: [(style: String, name: String)], _ attributes: Attributes) {
    element("ul", attributes) { list in
      for (style, name) in parts {
        list.element("li") { item in
          item.element("i", ["class": "key \(style)"], "")
          item.text(name)
        }
      }
    }
  }
}
