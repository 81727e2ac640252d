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
  var upward: (from: Double, to: Double) { (height - bottom, top) }

  /// Grid lines and their labels below, with the axis's name.
  func bottomAxis(
    _ scale: Scale, _ title: String, ticks: Int = 6, isGrid: Bool = false, _ svg: inout Markup,
    _ write: (Double) -> String
  ) {
    let base = height - bottom
    svg.shape(
      "path",
      [
        "class": "axis",
        "d": "M\(Place.text(left)) \(Place.text(base))H\(Place.text(Self.width - right))",
      ])
    for value in scale.ticks(ticks) {
      let x = scale.place(value)
      let end = isGrid ? top : base + 4
      svg.shape(
        "path",
        [
          "class": isGrid ? "grid" : "axis",
          "d": "M\(Place.text(x)) \(Place.text(base))V\(Place.text(end))",
        ])
      svg.tick(x, base + 17, write(value))
    }
    svg.label((left + Self.width - right) / 2, height - 5, title, "middle", "name")
  }

  /// The same to the left.
  func leftAxis(
    _ scale: Scale, _ title: String, ticks: Int = 4, _ svg: inout Markup,
    _ write: (Double) -> String
  ) {
    for value in scale.ticks(ticks) {
      let y = scale.place(value)
      svg.shape(
        "path",
        [
          "class": "grid",
          "d": "M\(Place.text(left)) \(Place.text(y))H\(Place.text(Self.width - right))",
        ])
      svg.label(left - 7, y + 4, write(value), "end")
    }
    let middle = Place.text((top + height - bottom) / 2)
    svg.element(
      "text",
      [
        "class": "name", "text-anchor": "middle",
        "transform": "translate(13 \(middle)) rotate(-90)",
      ], title)
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

  /// Where a reader points to see row `row` of the table behind the picture.
  mutating func spot(_ row: Int, _ x: Double, _ y: Double, _ width: Double, _ height: Double) {
    shape(
      "rect",
      [
        "class": "spot", "data-row": "\(row)", "x": Place.text(x), "y": Place.text(y),
        "width": Place.text(width), "height": Place.text(height),
      ])
  }
}

/// A picture with its words and the table behind it.
struct Figure {
  /// Unique on the page.
  var id: String
  var title: String
  /// What it shows, in a sentence or two, for who cannot see it.
  var summary: String
  /// A line below the title.
  var caption = ""
  var legend: [(style: String, name: String)] = []
  var height: Double
  var isWide = false
  var table: DataTable
  var isTableOpen = false

  func write(to page: inout Markup, level: Int = 3, _ draw: (inout Markup) -> Void) {
    page.element("figure", ["id": id, "class": isWide ? "chart wide" : "chart"]) { figure in
      figure.element("figcaption") { words in
        words.element("h3", title)
        if !caption.isEmpty { words.element("p", caption) }
      }
      if !legend.isEmpty { writeLegend(to: &figure) }
      figure.element(
        "div",
        [
          "class": "plot", "tabindex": "0", "role": "group",
          "aria-label": "Values of: \(title). Arrow keys move from one to the next.",
        ]
      ) { plot in
        plot.element(
          "svg",
          [
            "role": "img", "viewBox": "0 0 560 \(Place.text(height))",
            "aria-labelledby": "\(id)-t", "aria-describedby": "\(id)-d",
          ]
        ) { svg in
          svg.element("title", ["id": "\(id)-t"], title)
          svg.element("desc", ["id": "\(id)-d"], summary)
          draw(&svg)
        }
        plot.element("output", ["class": "tip", "hidden": ""], "")
      }
      figure.element("details") { details in
        details.element("summary", "Table: \(title)")
        table.write(to: &details)
      }
    }
  }

  private func writeLegend(to figure: inout Markup) {
    figure.element("ul", ["class": "legend", "aria-hidden": "true"]) { list in
      for (style, name) in legend {
        list.element("li") { item in
          item.element("i", ["class": "key \(style)"], "")
          item.text(name)
        }
      }
    }
  }
}
