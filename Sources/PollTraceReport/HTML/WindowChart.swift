internal import PollTrace

/// One vCPU's poll window over time, with what the kernel decided and where parameters changed.
struct WindowChart {
  var id: String
  var title: String
  var vcpu: VCPUReport
  var trace: TraceReport
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
    let lost = LossMark.gaps(vcpu.figures).map { " \($0): the window is drawn as it stood before." }
    let figure = Figure(
      id: id, title: LossMark.marked(title, vcpu.figures), summary: summary,
      caption: caption + (lost ?? ""), height: Self.height, isWide: isAlone, table: table)
    figure.write(to: &page, draw)
  }

  static let legend: [(style: String, name: String)] = [
    ("line", "window, mean over time"), ("span", "narrowest to widest"), ("dash", "ceiling"),
    ("dots", "parameters changed"), ("polled", "windows grown"), ("gave", "windows shrunk"),
  ]

  private var caption: String {
    guard windows != nil else {
      let still = vcpu.figures.windows.now?.window
      return still.map { "No decision: the window stood at \(Numbers.exactTime($0))." }
        ?? "No decision, and the window is not known."
    }
    let measures = vcpu.figures.measures
    return "Grown \(Numbers.grouped(measures.grows)) times, shrunk "
      + "\(Numbers.grouped(measures.shrinks)) times; ceiling \(Numbers.exactTime(vcpu.ceiling))."
  }

  private var summary: String {
    var text = "The poll window over \(Numbers.time(axis.length)). \(caption)"
    if let windows, let widest = windows.map(\.most).max() {
      let mean = windows.reduce(0) { $0 + $1.mean } / Double(max(1, windows.count))
      text += " Mean \(Numbers.time(mean)), at most \(Numbers.exactTime(widest))."
    }
    for change in changes {
      text +=
        " At \(Numbers.time(change.since - axis.begin)) parameters changed to "
        + "\(TextReport.words(change.parameters))."
    }
    return text
  }

  private var changes: [PollSettings.Change] {
    trace.settings.changes.dropFirst().filter { $0.since > axis.begin && $0.since < axis.end }
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
      "\(title): poll window over time", "time",
      ["narrowest", "mean", "widest", "grown", "shrunk", "halts"], rows)
  }

  private func draw(_ svg: inout Markup) {
    var plot = Plot(height: Self.height)
    plot.left = 84
    plot.top = 38
    plot.bottom = 74
    let times = axis.scale(plot)
    let lengths = Scale(values: 0...highest, places: plot.upward)
    plot.leftAxis(lengths, "window", ticks: 3, &svg) { $0 == 0 ? "0" : Numbers.exactTime($0) }
    drawWindows(lengths, plot, &svg)
    svg.path("limit", ceiling(times, lengths))
    drawMoves(plot, &svg)
    for change in changes {
      svg.upright("change", plot.top - 8, plot.base, at: place(change, times))
    }
    var lower = plot
    lower.bottom = 46
    lower.bottomAxis(times, "time (s)", &svg)
    plot.timeSpots(axis, plot.top - 24, plot.base + 24, &svg)
  }

  private func place(_ change: PollSettings.Change, _ times: Scale) -> Double {
    times.place(Double((change.since - axis.begin).rawValue) / 1e9)
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
    let isInferred = vcpu.ceilingSource == .inferred
    let first = isInferred ? vcpu.ceiling : trace.settings.parameters(at: axis.begin).ceiling
    var line = Outline(times.places.from, lengths.place(Double(first)))
    for change in isInferred ? [] : changes {
      line.across(place(change, times))
      line.up(lengths.place(Double(change.parameters.ceiling)))
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
