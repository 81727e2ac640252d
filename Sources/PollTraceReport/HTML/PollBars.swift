internal import PollTrace

/// A bar a vCPU: the share of a CPU that it polls away, with success and in vain.
struct PollBars {
  var rows: [(name: String, shares: (success: Double, fail: Double)?)]
  /// How many there are in all.
  var count: Int

  func write(to page: inout Markup) {
    guard rows.contains(where: { $0.shares != nil }) else { return }
    let longest = rows.map(\.name.count).max() ?? 0
    var plot = Plot(height: Double(rows.count) * 24 + 62)
    plot.left = min(250, max(62, Double(min(longest, Self.longestName)) * 9.6 + 16))
    plot.right = 70
    let most = rows.compactMap { $0.shares.map { $0.success + $0.fail } }.max() ?? 0
    let scale = Scale(values: 0...max(0.001, most) * 100, places: plot.across)
    var table = DataTable(
      "Poll CPU by vCPU", "vCPU", ["poll CPU", "successful polls", "polls in vain"])
    for row in rows {
      table.add([
        row.name, row.shares.shown { Numbers.percent($0.success + $0.fail) },
        row.shares.shown { Numbers.percent($0.success) },
        row.shares.shown { Numbers.percent($0.fail) },
      ])
    }
    let figure = Figure(
      id: "polling", title: "Poll CPU by vCPU", summary: summary,
      caption: count > rows.count
        ? "The \(rows.count) worst of \(Numbers.grouped(UInt64(count))); all are in the table."
        : "",
      legend: [("polled", "successful polls"), ("ran", "polls in vain")], height: plot.height,
      isWide: true, table: table)
    figure.write(to: &page) { svg in draw(plot, scale, &svg) }
  }

  private static let longestName = 25

  private var summary: String {
    guard let worst = rows.first, let shares = worst.shares else { return "" }
    return "Horizontal bars, the worst first. \(worst.name) polls "
      + "\(Numbers.percent(shares.success + shares.fail)) of a CPU, of which "
      + "\(Numbers.percent(shares.fail)) in vain."
  }

  private func draw(_ plot: Plot, _ scale: Scale, _ svg: inout Markup) {
    plot.bottomAxis(scale, "share of a CPU (%)", ticks: 5, isGrid: true, &svg) {
      Numbers.significantTick($0)
    }
    for (number, row) in rows.enumerated() {
      let y = plot.top + Double(number) * 24 + 4
      svg.label(plot.left - 8, y + 12, row.name.shortened(to: Self.longestName), "end", "note")
      let shares = row.shares ?? (0, 0)
      let middle = scale.place(shares.success * 100)
      let end = scale.place((shares.success + shares.fail) * 100)
      svg.shape("rect", Self.bar("polled", plot.left, y, middle - plot.left))
      svg.shape("rect", Self.bar("ran", middle, y, end - middle))
      svg.label(
        end + 6, y + 12, row.shares.shown { Numbers.percent($0.success + $0.fail) }, "start", "note"
      )
      svg.spot(number, 0, y - 4, Plot.width, 24)
    }
  }

  private static func bar(
    _ style: String, _ x: Double, _ y: Double, _ width: Double
  ) -> Markup.Attributes {
    [
      "class": style, "x": Place.text(x), "y": Place.text(y), "width": Place.text(max(0, width)),
      "height": "15",
    ]
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

  /// A length of time at an axis, without needless zeros.
  static func timeTick(_ nanoseconds: Double) -> String {
    exactTime(UInt64(max(0, nanoseconds.rounded())))
  }
}
