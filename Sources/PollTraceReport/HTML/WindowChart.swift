internal import PollTrace

/// One vCPU's poll window over time, with what the kernel decided and where parameters changed.
struct WindowChart {
  var id: String
  var title: String
  var vcpu: VCPUReport
  var trace: TraceReport
  var axis: Timeline.Axis
  /// What its neighbours are drawn to as well, in ns.
  var highest: Double
  /// Whether it is the only one.
  var isAlone = false

  static let height = 246.0
  /// Bins of a row of the table.
  static let bins = 10

  func write(to page: inout Markup) {
    guard let timeline = vcpu.timeline else { return }
    let windows = timeline.windows(on: axis)
    let figure = Figure(
      id: id, title: LossMark.marked(title, vcpu.figures), summary: summary(windows),
      caption: caption(windows) + lost,
      height: Self.height, isWide: isAlone, table: table(timeline, windows))
    figure.write(to: &page) { svg in draw(timeline, windows, &svg) }
  }

  static let legend: [(style: String, name: String)] = [
    ("line", "window, mean over time"), ("span", "narrowest to widest"), ("dash", "ceiling"),
    ("dots", "parameters changed"), ("polled", "windows grown"), ("gave", "windows shrunk"),
  ]

  /// Where events are lost nobody saw the window move.
  private var lost: String {
    LossMark.gaps(vcpu.figures).map { " \($0): the window is drawn as it stood before." } ?? ""
  }

  private func caption(_ windows: [(least: UInt32, mean: Double, most: UInt32)]?) -> String {
    guard windows != nil else {
      let still = vcpu.figures.windows.now
      return still.map {
        "No decision: the window stood at \(Numbers.exactTime(UInt64($0.window)))."
      }
        ?? "No decision, and the window is not known."
    }
    let measures = vcpu.figures.measures
    return "Grown \(Numbers.grouped(measures.grows)) times, shrunk "
      + "\(Numbers.grouped(measures.shrinks)) times; ceiling "
      + "\(Numbers.exactTime(UInt64(vcpu.ceiling)))."
  }

  private func summary(_ windows: [(least: UInt32, mean: Double, most: UInt32)]?) -> String {
    var text = "The poll window over \(Numbers.time(axis.length)). \(caption(windows))"
    if let windows, let widest = windows.map(\.most).max() {
      let mean = windows.reduce(0) { $0 + $1.mean } / Double(max(1, windows.count))
      text += " Mean \(Numbers.time(mean)), at most \(Numbers.exactTime(UInt64(widest)))."
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

  private func table(
    _ timeline: Timeline, _ windows: [(least: UInt32, mean: Double, most: UInt32)]?
  ) -> DataTable {
    var table = DataTable(
      "\(title): poll window over time", "time",
      ["narrowest", "mean", "widest", "grown", "shrunk", "halts"])
    for start in stride(from: 0, to: axis.bins, by: Self.bins) {
      let numbers = start..<min(start + Self.bins, axis.bins)
      let bins = numbers.map(timeline.bin)
      let part = windows.map { Array($0[numbers]) } ?? []
      let mean = part.reduce(0) { $0 + $1.mean } / Double(max(1, part.count))
      table.add([
        Self.span(numbers, axis), part.map(\.least).min().shown { Numbers.exactTime(UInt64($0)) },
        part.isEmpty ? Numbers.unknown : Numbers.time(mean),
        part.map(\.most).max().shown { Numbers.exactTime(UInt64($0)) },
        Numbers.grouped(bins.reduce(0) { $0 + UInt64($1.grows) }),
        Numbers.grouped(bins.reduce(0) { $0 + UInt64($1.shrinks) }),
        Numbers.grouped(bins.reduce(0) { $0 + UInt64($1.halts) }),
      ])
    }
    return table
  }

  /// From when to when some bins reach, since the axis's begin.
  static func span(_ bins: Range<Int>, _ axis: Timeline.Axis) -> String {
    let end = axis.begin(of: bins.upperBound) - axis.begin
    return "\(Numbers.time(axis.begin(of: bins.lowerBound) - axis.begin)) – \(Numbers.time(end))"
  }

  private func draw(
    _ timeline: Timeline, _ windows: [(least: UInt32, mean: Double, most: UInt32)]?,
    _ svg: inout Markup
  ) {
    var plot = Plot(height: Self.height)
    plot.left = 84
    plot.top = 38
    plot.bottom = 74
    let base = plot.height - plot.bottom
    let times = Scale(
      values: 0...max(1, Double(axis.length.rawValue)) / 1e9, places: plot.across)
    let lengths = Scale(values: 0...highest, places: plot.upward)
    plot.leftAxis(lengths, "window", ticks: 3, &svg) { $0 == 0 ? "0" : Numbers.timeTick($0) }
    let width = (plot.across.to - plot.across.from) / Double(axis.bins)
    if let windows { draw(windows, lengths, plot, width, &svg) }
    svg.shape("path", ["class": "limit", "d": ceiling(times, lengths)])
    drawMoves(timeline, plot, width, &svg)
    for change in changes {
      let x = Place.text(times.place(Double((change.since - axis.begin).rawValue) / 1e9))
      svg.shape(
        "path", ["class": "change", "d": "M\(x) \(Place.text(plot.top - 8))V\(Place.text(base))"])
    }
    var lower = plot
    lower.bottom = 46
    lower.bottomAxis(times, "time (s)", &svg) { Numbers.significantTick($0) }
    for (row, start) in stride(from: 0, to: axis.bins, by: Self.bins).enumerated() {
      let count = min(Self.bins, axis.bins - start)
      svg.spot(
        row, plot.left + Double(start) * width, plot.top - 24, Double(count) * width,
        base - plot.top + 48)
    }
  }

  private func draw(
    _ windows: [(least: UInt32, mean: Double, most: UInt32)], _ lengths: Scale, _ plot: Plot,
    _ width: Double, _ svg: inout Markup
  ) {
    var span = Outline()
    var line = Outline()
    for (bin, window) in windows.enumerated() {
      let x = plot.left + Double(bin) * width
      let (high, mean) = (
        lengths.place(Double(window.most)), lengths.place(window.mean)
      )
      if bin == 0 {
        span.move(x, high)
        line.move(x, mean)
      } else {
        span.up(high)
        line.up(mean)
      }
      span.across(x + width)
      line.across(x + width)
    }
    for (bin, window) in windows.enumerated().reversed() {
      span.up(lengths.place(Double(window.least)))
      span.across(plot.left + Double(bin) * width)
    }
    span.close()
    svg.shape("path", ["class": "span", "d": span.text])
    svg.shape("path", ["class": "now", "d": line.text])
  }

  /// The ceiling in steps, where parameters change.
  private func ceiling(_ times: Scale, _ lengths: Scale) -> String {
    var line = Outline()
    if vcpu.ceilingSource == .inferred {
      line.move(times.places.from, lengths.place(Double(vcpu.ceiling)))
      line.across(times.places.to)
      return line.text
    }
    let start = trace.settings.parameters(at: axis.begin).ceiling
    line.move(times.places.from, lengths.place(Double(start)))
    for change in changes {
      line.across(times.place(Double((change.since - axis.begin).rawValue) / 1e9))
      line.up(lengths.place(Double(change.parameters.ceiling)))
    }
    line.across(times.places.to)
    return line.text
  }

  /// Strips above and below: how often the window grew and shrank.
  private func drawMoves(
    _ timeline: Timeline, _ plot: Plot, _ width: Double, _ svg: inout Markup
  ) {
    let bins = (0..<axis.bins).map(timeline.bin)
    let most = Double(max(1, bins.map { max($0.grows, $0.shrinks) }.max() ?? 1))
    var (grows, shrinks) = (Outline(), Outline())
    let base = plot.height - plot.bottom
    for (number, bin) in bins.enumerated() {
      let x = plot.left + Double(number) * width
      let tall = { (count: UInt32) in 2 + 12 * Double(count) / most }
      if bin.grows > 0 { grows.box(x, plot.top - 9 - tall(bin.grows), width, tall(bin.grows)) }
      if bin.shrinks > 0 { shrinks.box(x, base + 9, width, tall(bin.shrinks)) }
    }
    svg.label(plot.left - 7, plot.top - 12, "grown", "end")
    svg.label(plot.left - 7, base + 22, "shrunk", "end")
    svg.shape("path", ["class": "polled", "d": grows.text])
    svg.shape("path", ["class": "gave", "d": shrinks.text])
  }
}
