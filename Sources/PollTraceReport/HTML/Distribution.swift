internal import PollTrace

/// How long halts last, what became of each length, and where the poll window lies among them.
struct Distribution {
  var id: String
  var title: String
  var fates: HaltFates
  var figures: Figures
  /// The ceilings of its vCPUs, in ns.
  var ceilings: Set<UInt32>

  static let parts: [(fate: HaltFates.Fate, style: String, name: String)] = [
    (.polled, "polled", "polled"), (.ranOut, "ran", "poll ran out, waited"),
    (.abandoned, "gave", "poll abandoned, waited"), (.slept, "slept", "waited without a poll"),
  ]

  func write(to page: inout Markup) {
    guard let bands = fates.bands else { return }
    let halts = Double(max(1, figures.measures.halts))
    let drawn = drawn(of: bands)
    var table = DataTable(
      "\(title): halts by length", "block_ns", Self.parts.map(\.name) + ["share of halts"])
    for band in bands {
      let counts = Self.parts.map { fates.count(of: $0.fate, in: band) }
      let sum = counts.reduce(0, +)
      table.add(
        [
          "\(Numbers.time(Double(BlockBands.floor(of: band)))) – "
            + Numbers.time(Double(BlockBands.floor(of: band + 1)))
        ] + counts.map(Numbers.grouped) + [Numbers.percent(Double(sum) / halts)])
    }
    let lost = LossMark.gaps(figures).map { "\($0): their halts are not in the picture." } ?? ""
    let used = Self.parts.filter { fates.count(of: $0.fate) > 0 }
    let figure = Figure(
      id: id, title: LossMark.marked(title, figures), summary: summary(halts),
      caption: [windowWords, leftOut(drawn, of: bands), lost].filter { !$0.isEmpty }.joined(
        separator: " "),
      legend: used.map {
        ($0.style, "\($0.name) \(Numbers.percent(Double(fates.count(of: $0.fate)) / halts))")
      } + [("tick-mark", "poll window, share of time"), ("dash", "ceiling")],
      height: 280, isWide: id == "blocks", table: table)
    figure.write(to: &page) { svg in draw(drawn, bands, halts, &svg) }
  }

  /// The bands that are drawn: all but the rarest at both ends, with room for window and ceilings.
  private func drawn(of bands: ClosedRange<Int>) -> ClosedRange<Int> {
    let rare = bands.reduce(0) { $0 + fates.count(in: $1) } / 1_000
    let edge = { (bands: [Int]) in
      var seen: UInt64 = 0
      return bands.first { band in
        seen += fates.count(in: band)
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
    let count = bands.filter { !drawn.contains($0) }.reduce(0) { $0 + fates.count(in: $1) }
    return count == 0
      ? "" : "\(Numbers.grouped(count)) halts beyond the picture's ends are in the table only."
  }

  /// The windows with their share of the known time.
  private var windows: [(window: UInt32, share: Double)] {
    let known = Double(figures.windows.knownTime)
    guard known > 0 else { return [] }
    return figures.windows.times.map { ($0.window, Double($0.time) / known) }
      .filter { $0.share > 0.0005 }
  }

  private var windowWords: String {
    var words: [String] = []
    if let mean = figures.windows.meanByHalt {
      words.append("mean poll window \(Numbers.time(mean)) a halt")
    }
    if let closed = windows.first(where: { $0.window == 0 }) {
      words.append("closed \(Numbers.percent(closed.share)) of the time")
    }
    let named = ceilings.sorted().map { Numbers.exactTime(UInt64($0)) }
    if !named.isEmpty {
      words.append(
        "ceiling \(named.prefix(4).joined(separator: ", "))\(named.count > 4 ? " …" : "")")
    }
    let text = words.joined(separator: "; ")
    return text.isEmpty ? "" : text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  private func summary(_ halts: Double) -> String {
    let shares = Self.parts.map {
      "\(Numbers.percent(Double(fates.count(of: $0.fate)) / halts)) \($0.name)"
    }
    let block = figures.measures.block
    return "Histogram of how long \(Numbers.grouped(figures.measures.halts)) halts lasted, on a "
      + "logarithmic axis: half no longer than "
      + "\(block.quantile(0.5).shown { Numbers.time(Double($0)) }), 99 % no longer than "
      + "\(block.quantile(0.99).shown { Numbers.time(Double($0)) }). "
      + "\(shares.joined(separator: ", ")). \(windowWords)"
  }

  private func draw(
    _ bands: ClosedRange<Int>, _ all: ClosedRange<Int>, _ halts: Double, _ svg: inout Markup
  ) {
    var plot = Plot(height: 280)
    plot.top = 26
    plot.bottom = 60
    let base = plot.height - plot.bottom
    let share = { (band: Int) in
      Self.parts.reduce(0.0) { $0 + Double(fates.count(of: $1.fate, in: band)) } / halts * 100
    }
    let most = bands.map(share).max() ?? 1
    let lengths = Scale(
      kind: .logarithmic,
      values: Double(
        BlockBands.floor(of: bands.lowerBound))...Double(
          BlockBands.floor(of: bands.upperBound + 1)), places: plot.across)
    let shares = Scale(values: 0...most, places: plot.upward)
    plot.leftAxis(shares, "halts (%)", ticks: 5, &svg) { Numbers.significantTick($0) }
    let width = (plot.across.to - plot.across.from) / Double(bands.count)
    for (part, shape) in outlines(bands, halts, plot, shares, width) where !shape.isEmpty {
      svg.shape("path", ["class": part, "d": shape])
    }
    svg.shape(
      "path",
      [
        "class": "axis",
        "d": "M\(Place.text(plot.left)) \(Place.text(base))H\(Place.text(plot.across.to))",
      ])
    drawWindows(lengths, base, &svg)
    for value in lengths.ticks(6) {
      svg.tick(lengths.place(value), base + 33, Numbers.timeTick(value))
    }
    svg.label(
      (plot.left + plot.across.to) / 2, plot.height - 6, "block_ns: how long a halt lasted",
      "middle", "name")
    drawCeilings(lengths, plot, base, &svg)
    for band in bands where all.contains(band) {
      svg.spot(
        band - all.lowerBound, lengths.place(Double(BlockBands.floor(of: band))), plot.top, width,
        base - plot.top)
    }
  }

  private func outlines(
    _ bands: ClosedRange<Int>, _ halts: Double, _ plot: Plot, _ shares: Scale, _ width: Double
  ) -> [(style: String, shape: String)] {
    var outlines = Self.parts.map { _ in Outline() }
    for (index, band) in bands.enumerated() {
      var sum = 0.0
      for (part, meaning) in Self.parts.enumerated() {
        let count = Double(fates.count(of: meaning.fate, in: band)) / halts * 100
        guard count > 0 else { continue }
        let (low, high) = (shares.place(sum), shares.place(sum + count))
        outlines[part].box(
          plot.left + Double(index) * width + 0.4, high, max(0.5, width - 0.8), low - high)
        sum += count
      }
    }
    return zip(Self.parts, outlines).map { ($0.style, $1.text) }
  }

  /// A strip below the axis: the darker, the longer the window stood there.
  private func drawWindows(_ lengths: Scale, _ base: Double, _ svg: inout Markup) {
    let most = windows.filter { $0.window > 0 }.map(\.share).max() ?? 1
    for (window, share) in windows where window > 0 {
      let height = 3 + 11 * share / most
      let x = Place.text(lengths.place(Double(window)))
      svg.shape(
        "path",
        [
          "class": "tick-mark",
          "d": "M\(x) \(Place.text(base + 2))V\(Place.text(base + 2 + height))",
        ])
    }
  }

  private func drawCeilings(
    _ lengths: Scale, _ plot: Plot, _ base: Double, _ svg: inout Markup
  ) {
    for ceiling in ceilings.sorted().prefix(4) where ceiling > 0 {
      let x = lengths.place(Double(ceiling))
      svg.shape(
        "path",
        [
          "class": "limit",
          "d": "M\(Place.text(x)) \(Place.text(plot.top - 4))V\(Place.text(base))",
        ])
    }
    guard ceilings.count == 1, let ceiling = ceilings.first, ceiling > 0 else { return }
    let x = lengths.place(Double(ceiling))
    let isRight = x > Plot.width * 0.7
    svg.label(
      x + (isRight ? -4 : 4), plot.top - 10, "ceiling \(Numbers.exactTime(UInt64(ceiling)))",
      isRight ? "end" : "middle", "note")
  }
}
