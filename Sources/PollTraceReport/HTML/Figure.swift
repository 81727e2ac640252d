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

  func write(to page: inout Markup, _ draw: (inout Markup) -> Void) {
    page.element("figure", ["id": id, "class": isWide ? "chart wide" : "chart"]) { figure in
      figure.element("figcaption") { words in
        words.element("h3", title)
        if !caption.isEmpty { words.element("p", caption) }
      }
      if !legend.isEmpty {
        figure.legend(legend, ["class": "legend", "aria-hidden": "true"])
      }
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
}
