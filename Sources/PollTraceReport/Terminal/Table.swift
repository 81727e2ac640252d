/// Columns of text, aligned; the first to the left, the others to the right.
///
/// A library would serve (ordo-one/TextTable), but it imports Foundation: 43 MB of binary for this.
package struct Table: Hashable {
  private var rows: [[String]]

  package init(_ header: [String], _ rows: [[String]] = []) { self.rows = [header] + rows }

  package mutating func add(_ row: [String]) { rows.append(row) }

  /// The lines, `indent` spaces before each.
  ///
  /// Columns that do not fit into `width` follow below, each time behind the first one.
  package func lines(indent: Int = 2, width: Int = .max) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].columns : 0 }.max() ?? 0
    }
    guard let first = widths.first, width < .max else { return lines(widths, indent) }
    var parts: [[Int]] = [[]]
    var used = indent + first
    for column in 1..<max(1, columns) {
      if used + 2 + widths[column] > width, parts[parts.count - 1].count > 0 {
        parts.append([])
        used = indent + first
      }
      parts[parts.count - 1].append(column)
      used += 2 + widths[column]
    }
    return parts.flatMap { part in
      var table = Table([])
      table.rows = rows.map { row in ([0] + part).map { $0 < row.count ? row[$0] : "" } }
      return table.lines(([0] + part).map { widths[$0] }, indent)
    }
  }

  private func lines(_ widths: [Int], _ indent: Int) -> [String] {
    rows.map { row in
      var line = String(repeating: " ", count: indent)
      for (column, cell) in row.enumerated() {
        let gap = String(repeating: " ", count: widths[column] - cell.columns)
        line += column == 0 ? cell + gap : "  " + gap + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
