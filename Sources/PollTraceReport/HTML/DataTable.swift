/// A table of a page: what stands behind a picture, or stands for itself and can be sorted.
struct DataTable {
  struct Column {
    var title: String
    var isNumber = true
    /// What the title means, where that needs saying.
    var hint = ""
  }
  struct Cell {
    var text: String
    /// What it sorts by; the text where nil.
    var value: Double?
    /// How full its bar is, 0 to 1; no bar where nil.
    var bar: Double?
    /// What is to be known of the row; marked behind the text where there is something.
    var warning: String?

    init(_ text: String, _ value: Double? = nil, bar: Double? = nil, warning: String? = nil) {
      self.text = text
      self.value = value
      self.bar = bar
      self.warning = warning
    }
  }

  var caption: String
  var columns: [Column]
  var rows: [[Cell]] = []
  var isSortable = false
  /// The column by which its rows stand in order, the greatest first.
  var sorted: Int?

  init(_ caption: String, _ columns: [Column]) {
    self.caption = caption
    self.columns = columns
  }

  /// Titles of numbers behind one of text, and rows of the same.
  init(_ caption: String, _ first: String, _ numbers: [String], _ rows: [[String]]) {
    self.init(
      caption, [Column(title: first, isNumber: false)] + numbers.map { Column(title: $0) })
    self.rows = rows.map { $0.map { Cell($0) } }
  }

  mutating func add(_ cells: [Cell]) { rows.append(cells) }

  func write(to page: inout Markup) {
    page.element(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption]
    ) { box in
      box.element("table", isSortable ? ["class": "sortable"] : [:]) { table in
        table.element("caption", caption)
        table.element("thead") { head in
          head.element("tr") { row in
            for (index, column) in columns.enumerated() { write(column, index, to: &row) }
          }
        }
        table.element("tbody") { body in
          for (number, cells) in rows.enumerated() {
            body.element("tr", ["data-row": "\(number)"]) { row in
              for (cell, column) in zip(cells, columns) { write(cell, column, to: &row) }
            }
          }
        }
      }
    }
  }

  private func write(_ column: Column, _ index: Int, to row: inout Markup) {
    let style = column.isNumber ? "number" : "words"
    guard isSortable else {
      row.element("th", ["scope": "col", "class": style], column.title)
      return
    }
    row.element(
      "th",
      [
        "scope": "col", "class": style, "aria-sort": index == sorted ? "descending" : "none",
        "title": column.hint,
      ]
    ) { $0.element("button", ["type": "button"], column.title) }
  }

  private func write(_ cell: Cell, _ column: Column, to row: inout Markup) {
    guard column.isNumber else {
      row.element("th", ["scope": "row", "class": "words"]) { name in
        name.text(cell.text)
        guard let warning = cell.warning else { return }
        name.text(" ")
        name.element("abbr", ["title": warning], LossMark.sign)
      }
      return
    }
    let value = isSortable ? cell.value : nil
    row.element("td", value.map { ["data-value": "\($0)"] } ?? [:]) { inside in
      if let bar = cell.bar {
        inside.element(
          "span", ["class": "bar", "style": "--w:\(Place.text(100 * max(0, min(1, bar))))%"], "")
      }
      inside.text(cell.text)
    }
  }
}
