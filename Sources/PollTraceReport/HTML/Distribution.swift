internal import PollTrace

/// How long halts last, what became of each length, and where the poll window lies among them.
struct Distribution {
  var id: String
  var title: String
  var side: PageSide
  var outcomes: HaltOutcomes
  var pictured: Pictured
  /// The ceilings of its vCPUs, in ns.
  var ceilings: Set<UInt32>
  /// Whether it is the first of the section.
  var isWide = false

  private var parts: [(outcome: HaltOutcomes.Outcome, style: String, name: String)] {
    let all: [(outcome: HaltOutcomes.Outcome, style: String, name: String)] = [
      (.polled, "polled", "polled"), (.ranOut, "ran", "failed poll, \(side.slept)"),
      (.abandoned, "gave", "poll cut short, slept"),
      (.slept, "slept", "\(side.slept) without a poll"),
      (.unknown, "unknown", "slept, window not known"),
    ]
    // What became of a guest's idle time its events always tell.
    return side == .host ? all : all.filter { ![.abandoned, .unknown].contains($0.outcome) }
  }

  func write(to page: inout Markup) {
    guard let bands = outcomes.bands else { return }
    let drawn = drawn(of: bands)
    let table = DataTable(
      "\(title): \(side.halts) by length", side.length,
      parts.map(\.name) + ["share of \(side.halts)"],
      bands.map { band in
        let ends = BlockBands.floor(of: band)...BlockBands.floor(of: band + 1)
        let counts = parts.map { outcomes.count(of: $0.outcome, in: band) }
        return [Numbers.range(ends, Numbers.time)] + counts.map(Numbers.grouped)
          + [share(counts.reduce(0, +))]
      })
    let lost =
      LossMark.gaps(pictured.gaps).map { "\($0): their \(side.halts) are not in the picture." }
      ?? ""
    let used = parts.filter { outcomes.count(of: $0.outcome) > 0 }
    let figure = Figure(
      id: id, title: LossMark.marked(title, gaps: pictured.gaps), summary: summary,
      caption: [windowWords, leftOut(drawn, of: bands), lost].filter { !$0.isEmpty }.joined(
        separator: " "),
      legend: used.map { ($0.style, "\($0.name) \(share(outcomes.count(of: $0.outcome)))") }
        + [("tick-mark", "poll \(side.window), share of time"), ("dash", side.ceiling)],
      height: 280, isWide: isWide, table: table)
    figure.write(to: &page) { svg in draw(drawn, bands, &svg) }
  }

  private var halts: Double { Double(max(1, pictured.count)) }
  private func share(_ count: UInt64) -> String { Numbers.percent(Double(count) / halts) }

  /// The bands that are drawn: all but the rarest at both ends, with room for window and ceilings.
  private func drawn(of bands: ClosedRange<Int>) -> ClosedRange<Int> {
    let rare = bands.reduce(0) { $0 + outcomes.count(in: $1) } / 1_000
    let edge = { (bands: [Int]) in
      var seen: UInt64 = 0
      return bands.first { band in
        seen += outcomes.count(in: band)
        return seen > rare
      }
    }
    let low = edge(Array(bands)) ?? bands.lowerBound
    let high = edge(bands.reversed()) ?? bands.upperBound
    let places = (ceilings.filter { $0 < 1_000_000_000 } + windows.map(\.window))
      .filter { $0 > 0 }.map { BlockBands.band(of: UInt64($0)) }
    return max(
      0, min(low, places.min() ?? low) - 1)...min(
        BlockBands.count - 2, max(high, places.max() ?? high) + 1)
  }

  private func leftOut(_ drawn: ClosedRange<Int>, of bands: ClosedRange<Int>) -> String {
    let count = bands.filter { !drawn.contains($0) }.reduce(0) { $0 + outcomes.count(in: $1) }
    return count == 0
      ? ""
      : "\(Numbers.grouped(count)) \(side.halts) beyond the picture's ends are in the table only."
  }

  /// The windows that were in force long enough to be seen, with their shares of the time.
  private var windows: [(window: UInt32, share: Double)] {
    pictured.windows.shares.filter { $0.share > 0.0005 }
  }

  private var windowWords: String {
    var words: [String] = []
    if let mean = pictured.windows.meanByHalt {
      words.append(
        "mean poll \(side.window) \(Numbers.time(mean)) \(side == .host ? "a" : "an") \(side.halt)")
    }
    if let closed = windows.first(where: { $0.window == 0 }) {
      words.append("closed \(Numbers.percent(closed.share)) of the time")
    }
    let named = ceilings.sorted().map { Numbers.exactTime($0) }
    if !named.isEmpty {
      words.append(
        "\(side.ceiling) \(named.prefix(4).joined(separator: ", "))\(named.count > 4 ? " …" : "")")
    }
    let text = words.joined(separator: "; ")
    return text.isEmpty ? "" : text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  private var summary: String {
    let shares = parts.map { "\(share(outcomes.count(of: $0.outcome))) \($0.name)" }
    let block = pictured.lengths
    return "Histogram of how long \(Numbers.grouped(pictured.count)) \(side.halts) lasted, on a "
      + "logarithmic axis: half no longer than \(block.quantile(0.5).shown(Numbers.time)), 99 % no "
      + "longer than \(block.quantile(0.99).shown(Numbers.time)). "
      + "\(shares.joined(separator: ", ")). \(windowWords)"
  }

  private func draw(_ bands: ClosedRange<Int>, _ all: ClosedRange<Int>, _ svg: inout Markup) {
    var plot = Plot(height: 280)
    plot.top = 26
    plot.bottom = 60
    let percent = { (part: HaltOutcomes.Outcome, band: Int) in
      Double(outcomes.count(of: part, in: band)) / halts * 100
    }
    let sums = bands.map { band in
      parts.reduce(0.0) { $0 + Double(outcomes.count(of: $1.outcome, in: band)) } / halts * 100
    }
    let lengths = Scale(
      kind: .logarithmic,
      values: Double(
        BlockBands.floor(of: bands.lowerBound))...Double(
          BlockBands.floor(of: bands.upperBound + 1)), places: plot.across)
    let shares = Scale(values: 0...(sums.max() ?? 1), places: plot.upward)
    plot.leftAxis(shares, "\(side.halts) (%)", ticks: 5, &svg)
    let width = plot.step(bands.count)
    // Each part stands on the ones before it.
    var tops = [Double](repeating: 0, count: bands.count)
    for part in parts {
      var outline = Outline()
      for (index, band) in bands.enumerated() {
        let count = percent(part.outcome, band)
        guard count > 0 else { continue }
        let (low, high) = (shares.place(tops[index]), shares.place(tops[index] + count))
        let x = plot.left + Double(index) * width + 0.4
        outline.box(x, high, max(0.5, width - 0.8), low - high)
        tops[index] += count
      }
      if !outline.text.isEmpty { svg.path(part.style, outline) }
    }
    svg.across("axis", plot.left, plot.across.to, at: plot.base)
    drawWindows(lengths, plot.base, &svg)
    for value in lengths.ticks(6) {
      svg.tick(lengths.place(value), plot.base + 33, Numbers.exactTime(value))
    }
    svg.label(
      (plot.left + plot.across.to) / 2, plot.height - 6,
      "\(side.length): how long \(side == .host ? "a" : "an") \(side.halt) lasted",
      "middle", "name")
    drawCeilings(lengths, plot, &svg)
    for band in bands where all.contains(band) {
      svg.spot(
        band - all.lowerBound, lengths.place(Double(BlockBands.floor(of: band))), plot.top, width,
        plot.base - plot.top)
    }
  }

  /// A strip below the axis: the higher a mark, the longer the window stood there.
  private func drawWindows(_ lengths: Scale, _ base: Double, _ svg: inout Markup) {
    let open = windows.filter { $0.window > 0 }
    let most = open.map(\.share).max() ?? 1
    for (window, share) in open {
      let x = lengths.place(Double(window))
      svg.upright("tick-mark", base + 2, base + 2 + (3 + 11 * share / most), at: x)
    }
  }

  private func drawCeilings(_ lengths: Scale, _ plot: Plot, _ svg: inout Markup) {
    for ceiling in ceilings.sorted().prefix(4) where ceiling > 0 {
      svg.upright("limit", plot.top - 4, plot.base, at: lengths.place(Double(ceiling)))
    }
    guard ceilings.count == 1, let ceiling = ceilings.first, ceiling > 0 else { return }
    let x = lengths.place(Double(ceiling))
    let isRight = x > Plot.width * 0.7
    svg.label(
      x + (isRight ? -4 : 4), plot.top - 10, "\(side.ceiling) \(Numbers.exactTime(ceiling))",
      isRight ? "end" : "middle", "note")
  }
}
