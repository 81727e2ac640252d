internal import PollTrace

/// A bar a vCPU, or a guest's CPU: the share of a CPU that it polls away, in successful and in failed polls.
struct PollBars {
  var rows: [(name: String, shares: (success: Double, failed: Double)?)]
  /// How many there are in all.
  var count: Int
  var side = PageSide.host
  /// Before its id on a page with both sides.
  var prefix = ""

  func write(to page: inout Markup) {
    guard rows.contains(where: { $0.shares != nil }) else { return }
    let longest = rows.map(\.name.count).max() ?? 0
    var plot = Plot(height: Double(rows.count) * 24 + 62)
    plot.left = min(250, max(62, Double(min(longest, Self.longestName)) * 9.6 + 16))
    plot.right = 70
    let most = rows.compactMap { $0.shares.map { $0.success + $0.failed } }.max() ?? 0
    let scale = Scale(values: 0...max(0.001, most) * 100, places: plot.across)
    let table = DataTable(
      "Poll CPU by \(side.vcpu)", side.vcpu, ["poll CPU", "successful polls", "failed polls"],
      rows.map { row in
        let shares = row.shares.map { [$0.success + $0.failed, $0.success, $0.failed] }
        return [row.name]
          + (shares?.map(Numbers.percent) ?? Array(repeating: Numbers.unknown, count: 3))
      })
    let figure = Figure(
      id: "\(prefix)polling", title: "Poll CPU by \(side.vcpu)", summary: summary,
      caption: count > rows.count
        ? "The \(rows.count) that poll most of \(Numbers.grouped(count)); all are in the table."
        : "",
      legend: [("polled", "successful polls"), ("ran", "failed polls")], height: plot.height,
      isWide: true, table: table)
    figure.write(to: &page) { svg in draw(plot, scale, &svg) }
  }

  private static let longestName = 25

  private var summary: String {
    guard let worst = rows.first, let shares = worst.shares else { return "" }
    return "Horizontal bars, most polling first. \(worst.name) polls "
      + "\(Numbers.percent(shares.success + shares.failed)) of a CPU, of which "
      + "\(Numbers.percent(shares.failed)) in failed polls."
  }

  private func draw(_ plot: Plot, _ scale: Scale, _ svg: inout Markup) {
    plot.bottomAxis(scale, "share of a CPU (%)", ticks: 5, isGrid: true, &svg)
    for (number, row) in rows.enumerated() {
      let y = plot.top + Double(number) * 24 + 4
      svg.label(plot.left - 8, y + 12, row.name.shortened(to: Self.longestName), "end", "note")
      let shares = row.shares ?? (0, 0)
      let middle = scale.place(shares.success * 100)
      let end = scale.place((shares.success + shares.failed) * 100)
      svg.bar("polled", plot.left, y, max(0, middle - plot.left), 15)
      svg.bar("ran", middle, y, max(0, end - middle), 15)
      svg.label(
        end + 6, y + 12, row.shares.shown { Numbers.percent($0.success + $0.failed) }, "start",
        "note"
      )
      svg.spot(number, 0, y - 4, Plot.width, 24)
    }
  }
}

extension String {
  /// At most `count` characters, the middle left out where there are more.
  func shortened(to count: Int) -> String {
    guard self.count > count else { return self }
    let end = min(10, count / 2)
    return prefix(count - end - 1) + "…" + suffix(end)
  }
}

extension Numbers {
  /// A round number of an axis, without needless zeros.
  static func significantTick(_ value: Double) -> String {
    var text = fixed(value, value == value.rounded() ? 0 : abs(value) < 0.1 ? 3 : 2)
    while text.contains("."), text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
