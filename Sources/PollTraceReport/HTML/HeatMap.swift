internal import PollTrace

/// How long halts lasted over time: the darker a place, the more halts.
struct HeatMap {
  var id: String
  var title: String
  var side: PageSide
  /// The vCPUs of it, added up.
  var timeline: Timeline
  /// The gaps of these.
  var gaps: UInt64
  var axis: Timeline.Axis
  var ceiling: UInt32?
  /// Whether it is the only one.
  var isAlone = false

  private static let height = 280.0
  private static let styles = ["h1", "h2", "h3", "h4", "h5", "h6"]

  func write(to page: inout Markup) {
    let sums = sums(of: 0..<axis.bins)
    let used = sums.indices.filter { sums[$0] > 0 }
    guard let low = used.first, let high = used.last else { return }
    let figure = Figure(
      id: id, title: LossMark.marked(title, gaps: gaps), summary: summary(sums),
      caption: LossMark.gaps(gaps).map { "\($0): their \(side.halts) are not in the picture." }
        ?? "",
      legend: [("h2", "few \(side.halts)"), ("h4", "more"), ("h6", "most")]
        + (ceiling == nil ? [] : [("dash", side.ceiling)]),
      height: Self.height, isWide: isAlone, table: table)
    figure.write(to: &page) { svg in draw(low...high, &svg) }
  }

  /// Halts of each row in some bins.
  private func sums(of bins: Range<Int>) -> [UInt64] {
    (0..<Timeline.rows).map { row in
      bins.reduce(0) { $0 + UInt64(timeline.count(in: $1, row: row)) }
    }
  }

  /// The length that `share` of the halts in `sums` do not exceed, to half an octave.
  private static func quantile(_ share: Double, of sums: [UInt64]) -> String {
    let all = sums.reduce(0, +)
    guard all > 0 else { return Numbers.unknown }
    var seen: UInt64 = 0
    for (row, count) in sums.enumerated() {
      seen += count
      if Double(seen) >= share * Double(all) {
        return "< \(Numbers.time(Timeline.floor(ofRow: row + 1)))"
      }
    }
    return Numbers.unknown
  }

  private func summary(_ sums: [UInt64]) -> String {
    "Map of time to the right and how long \(side.halts) lasted upwards, over \(Numbers.time(axis.length)). "
      + "\(Numbers.grouped(sums.reduce(0, +))) \(side.halts): a tenth lasted "
      + "\(Self.quantile(0.1, of: sums)), half \(Self.quantile(0.5, of: sums)), nine tenths "
      + "\(Self.quantile(0.9, of: sums))."
  }

  private var table: DataTable {
    DataTable(
      "\(title): lengths of \(side.halts) over time, to half an octave", "time",
      [side.halts, "a tenth", "half", "nine tenths"],
      axis.rows.map { bins in
        let sums = sums(of: bins)
        return [axis.words(bins), Numbers.grouped(sums.reduce(0, +))]
          + [0.1, 0.5, 0.9].map { Self.quantile($0, of: sums) }
      })
  }

  private func draw(_ rows: ClosedRange<Int>, _ svg: inout Markup) {
    var plot = Plot(height: Self.height)
    plot.left = 90
    let lengths = Scale(
      kind: .logarithmic,
      values: Double(
        Timeline.floor(ofRow: rows.lowerBound))...Double(
          Timeline.floor(ofRow: rows.upperBound + 1)), places: plot.upward)
    for (style, shade) in zip(Self.styles, shades(rows, plot, lengths)) where !shade.text.isEmpty {
      svg.path(style, shade)
    }
    plot.leftAxis(lengths, side.length, ticks: 6, &svg, Numbers.exactTime)
    plot.bottomAxis(axis.scale(plot), "time (s)", &svg)
    if let ceiling, ceiling > 0, lengths.values.contains(Double(ceiling)) {
      svg.across("limit", plot.left, plot.across.to, at: lengths.place(Double(ceiling)))
    }
    plot.timeSpots(axis, plot.top, plot.base, &svg)
  }

  /// The places of each shade: two bins wide, neighbours of one shade joined.
  private func shades(_ rows: ClosedRange<Int>, _ plot: Plot, _ lengths: Scale) -> [Outline] {
    let columns = (axis.bins + 1) / 2
    let count = { (column: Int, row: Int) in
      UInt64(timeline.count(in: 2 * column, row: row))
        + UInt64(timeline.count(in: 2 * column + 1, row: row))
    }
    var most: UInt64 = 1
    for row in rows { for column in 0..<columns { most = max(most, count(column, row)) } }
    // Shades are equal steps of the logarithm: the rare long halts stay visible.
    let shades = Scale(kind: .logarithmic, values: 1...Double(max(2, most)), places: (0, 6))
    var outlines = Self.styles.map { _ in Outline() }
    let width = plot.step(columns)
    for row in rows {
      let top = lengths.place(Double(Timeline.floor(ofRow: row + 1)))
      let bottom = lengths.place(Double(Timeline.floor(ofRow: row)))
      var run: (shade: Int, from: Int)?
      for column in 0...columns {
        let halts = column < columns ? count(column, row) : 0
        let shade = halts == 0 ? nil : min(5, Int(shades.place(Double(halts))))
        if shade == run?.shade { continue }
        if let run {
          outlines[run.shade].box(
            plot.left + Double(run.from) * width, top, Double(column - run.from) * width,
            bottom - top)
        }
        run = shade.map { ($0, column) }
      }
    }
    return outlines
  }
}
