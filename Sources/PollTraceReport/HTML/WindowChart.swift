internal import PollTrace

/// One vCPU's poll window over time, with what the kernel decided and where parameters changed.
struct WindowChart {
  var id: String
  var title: String
  var side: PageSide
  var pictured: Pictured
  var ceilings: Ceilings
  var axis: Timeline.Axis
  var timeline: Timeline
  /// The window in each bin of the axis; nil where there is no decision.
  var windows: [(least: UInt32, mean: Double, most: UInt32)]?
  /// What its neighbours are drawn to as well, in ns.
  var highest: Double
  /// Whether it is the only one.
  var isAlone = false

  private static let height = 246.0

  func write(to page: inout Markup) {
    // Where events are lost nobody saw the window move.
    let lost = LossMark.gaps(pictured.gaps).map {
      " \($0): the \(side.window) is drawn as it stood before."
    }
    let figure = Figure(
      id: id, title: LossMark.marked(title, gaps: pictured.gaps), summary: summary,
      caption: caption + (lost ?? ""), height: Self.height, isWide: isAlone, table: table)
    figure.write(to: &page, draw)
  }

  static func legend(_ side: PageSide) -> [(style: String, name: String)] {
    [
      ("line", "\(side.window), mean over time"), ("span", "narrowest to widest"),
      ("dash", side.ceiling), ("dots", "parameters changed"), ("polled", "\(side.window)s grown"),
      ("gave", "\(side.window)s shrunk"),
    ]
  }

  private var caption: String {
    guard windows != nil else {
      let still = pictured.windows.now?.window
      return still.map { "No decision: the \(side.window) stood at \(Numbers.exactTime($0))." }
        ?? "No decision, and the \(side.window) is not known."
    }
    return "Grown \(Numbers.grouped(pictured.grows)) times, shrunk "
      + "\(Numbers.grouped(pictured.shrinks)) times; \(side.ceiling) "
      + "\(Numbers.exactTime(ceilings.last))."
  }

  private var summary: String {
    var text = "The poll \(side.window) over \(Numbers.time(axis.length)). \(caption)"
    if let windows, let widest = windows.map(\.most).max() {
      let mean = windows.reduce(0) { $0 + $1.mean } / Double(max(1, windows.count))
      text += " Mean \(Numbers.time(mean)), at most \(Numbers.exactTime(widest))."
    }
    for change in changes {
      text +=
        " At \(Numbers.time(change.since - axis.begin)) parameters changed to "
        + "\(change.words)."
    }
    return text
  }

  private var changes: [(since: Timestamp, words: String)] {
    ceilings.changes.filter { $0.since > axis.begin && $0.since < axis.end }
  }

  private var table: DataTable {
    let rows = axis.rows.map { numbers in
      let bins = numbers.map(timeline.bin)
      let part = windows?[numbers]
      let sum = { (count: (Timeline.Bin) -> UInt32) in
        Numbers.grouped(bins.reduce(0) { $0 + UInt64(count($1)) })
      }
      return [
        axis.words(numbers), (part?.map(\.least).min()).shown(Numbers.exactTime),
        part.shown { Numbers.time($0.reduce(0) { $0 + $1.mean } / Double($0.count)) },
        (part?.map(\.most).max()).shown(Numbers.exactTime), sum(\.grows), sum(\.shrinks),
        sum(\.halts),
      ]
    }
    return DataTable(
      "\(title): poll \(side.window) over time", "time",
      ["narrowest", "mean", "widest", "grown", "shrunk", side.halts], rows)
  }

  private func draw(_ svg: inout Markup) {
    var plot = Plot(height: Self.height)
    plot.left = 84
    plot.top = 38
    plot.bottom = 74
    let times = axis.scale(plot)
    let lengths = Scale(values: 0...highest, places: plot.upward)
    plot.leftAxis(lengths, side.window, ticks: 3, &svg) { $0 == 0 ? "0" : Numbers.exactTime($0) }
    drawWindows(lengths, plot, &svg)
    svg.path("limit", ceiling(times, lengths))
    drawMoves(plot, &svg)
    for change in changes {
      svg.upright("change", plot.top - 8, plot.base, at: place(change.since, times))
    }
    var lower = plot
    lower.bottom = 46
    lower.bottomAxis(times, "time (s)", &svg)
    plot.timeSpots(axis, plot.top - 24, plot.base + 24, &svg)
  }

  private func place(_ time: Timestamp, _ times: Scale) -> Double {
    times.place(Double((time - axis.begin).rawValue) / 1e9)
  }

  private func drawWindows(_ lengths: Scale, _ plot: Plot, _ svg: inout Markup) {
    guard let windows, let first = windows.first else { return }
    let width = plot.step(axis.bins)
    var span = Outline(plot.left, lengths.place(Double(first.most)))
    var line = Outline(plot.left, lengths.place(first.mean))
    for (bin, window) in windows.enumerated() {
      if bin > 0 {
        span.up(lengths.place(Double(window.most)))
        line.up(lengths.place(window.mean))
      }
      let end = plot.left + Double(bin) * width + width
      span.across(end)
      line.across(end)
    }
    for (bin, window) in windows.enumerated().reversed() {
      span.up(lengths.place(Double(window.least)))
      span.across(plot.left + Double(bin) * width)
    }
    span.close()
    svg.path("span", span)
    svg.path("now", line)
  }

  /// The ceiling in steps, where parameters change.
  private func ceiling(_ times: Scale, _ lengths: Scale) -> Outline {
    var line = Outline(times.places.from, lengths.place(Double(ceilings.at(axis.begin))))
    for step in ceilings.steps where step.since > axis.begin && step.since < axis.end {
      line.across(place(step.since, times))
      line.up(lengths.place(Double(step.ceiling)))
    }
    line.across(times.places.to)
    return line
  }

  /// Strips above and below: how often the window grew and shrank.
  private func drawMoves(_ plot: Plot, _ svg: inout Markup) {
    let bins = (0..<axis.bins).map(timeline.bin)
    let most = Double(max(1, bins.map { max($0.grows, $0.shrinks) }.max() ?? 1))
    let tall = { (count: UInt32) in 2 + 12 * Double(count) / most }
    let width = plot.step(axis.bins)
    var (grows, shrinks) = (Outline(), Outline())
    for (number, bin) in bins.enumerated() {
      let x = plot.left + Double(number) * width
      if bin.grows > 0 { grows.box(x, plot.top - 9 - tall(bin.grows), width, tall(bin.grows)) }
      if bin.shrinks > 0 { shrinks.box(x, plot.base + 9, width, tall(bin.shrinks)) }
    }
    svg.label(plot.left - 7, plot.top - 12, "grown", "end")
    svg.label(plot.left - 7, plot.base + 22, "shrunk", "end")
    svg.path("polled", grows)
    svg.path("gave", shrinks)
  }
}
