package import PollTrace

/// Rows of a frame as a table.
package enum TopTable {
  /// The lines for `rows`, the head first; names take what the other columns leave of `width`.
  ///
  /// Where a trace's columns do not fit, those that say least are left out.
  package static func lines(
    _ rows: [CounterRow], width: Int = .max, indent: Int = 0, isTraced: Bool = false
  ) -> [String] {
    var columns = TopColumn.all(isTraced: isTraced).map { column in
      (leaves: column.leaves, cells: [column.title] + rows.map(column.cell))
    }
    var room = Int.max
    while width < .max {
      room = columns.reduce(width - indent) { room, column in
        room - 2 - (column.cells.map(\.columns).max() ?? 0)
      }
      let first = columns.map(\.leaves).max() ?? 0
      guard room < leastName, first > 0 else { break }
      columns.removeAll { $0.leaves == first }
    }
    let names = ["VM, vCPU"] + rows.map { label($0, room: max(leastName, room)) }
    let lines = names.indices.map { line in [names[line]] + columns.map { $0.cells[line] } }
    return Table(lines[0], Array(lines.dropFirst())).lines(indent: indent)
  }

  /// Names are not cut below this width.
  private static let leastName = 12

  /// Whom a row is about, fit for a terminal: the VM's name is shortened, not its vCPU.
  ///
  /// A star says that its figures may be too low.
  package static func label(_ row: CounterRow, room: Int = .max) -> String {
    var end = row.vcpu.map { " vCPU \($0)" } ?? ""
    if row.vcpu == nil, let thread = row.thread { end = " thread \(thread.rawValue)" }
    if row.traced?.isIncomplete ?? false { end += "*" }
    let name = row.name.isEmpty ? "pid \(row.process.rawValue)" : row.name.terminal
    return name.clipped(to: max(4, room - end.columns)) + end
  }

  /// A length of which bounds are known: it is below the upper one.
  static func bound(_ bounds: LogHistogram.Bounds) -> String {
    bounds.to.map { "<\(Numbers.time($0))" } ?? "≥\(Numbers.time(bounds.from))"
  }
}
