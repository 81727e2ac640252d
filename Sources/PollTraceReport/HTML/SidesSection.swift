internal import PollTrace

/// A guest's recording beside its host's, as a section of the page.
struct SidesSection {
  let report: Report

  func write(to page: inout Markup) {
    guard !report.sides.isEmpty else { return }
    page.section("sides", "Guest and host together") { section in
      for (number, sides) in report.sides.enumerated() { write(sides, number, to: &section) }
    }
  }

  private func write(_ sides: BothSides, _ number: Int, to section: inout Markup) {
    let words = SidesWords(sides: sides, report: report)
    section.element("h3", words.title)
    section.list(
      [words.match, words.clocks, words.otherTime, words.switchesOff, words.verdict].compactMap(
        \.self))
    if !sides.pairs.isEmpty {
      DataTable(
        "Which side polls, shares of a CPU's time", SidesWords.columns[0],
        Array(SidesWords.columns.dropFirst()), words.rows
      ).write(to: &section)
    }
    if let timeline = sides.timeline { draw(timeline, sides.vm != nil, number, to: &section) }
    guard let costs = sides.costs else { return }
    section.lead(SidesWords.costNote)
    for (title, choices) in [
      ("What either side's polling would cost", costs.choices),
      ("The same by the host's recording", costs.byHost),
    ] where !choices.isEmpty {
      DataTable(
        title, SidesWords.costColumns[0], Array(SidesWords.costColumns.dropFirst()),
        SidesWords.costRows(choices)
      ).write(to: &section)
    }
  }

  /// Time polled by either side, over the time that both recordings have.
  private func draw(
    _ timeline: SideTimeline, _ hasVM: Bool, _ number: Int, to section: inout Markup
  ) {
    let axis = timeline.axis
    let mean = { (sums: [UInt64], bins: Range<Int>) in
      bins.reduce(0.0) { $0 + timeline.share(sums, in: $1) } / Double(max(1, bins.count))
    }
    let table = DataTable(
      "Which side polled when", "time", ["idle", "polled by guest", "polled by host"],
      axis.rows.map { bins in
        [axis.words(bins)]
          + [timeline.idle, timeline.byGuest, timeline.byHost].map {
            Numbers.percent(mean($0, bins))
          }
      })
    let all = 0..<axis.bins
    let figure = Figure(
      id: "sides-\(number)", title: "Which side polled when",
      summary: "Shares of the CPUs' time over \(Numbers.time(axis.length)): the guest polled "
        + "\(Numbers.percent(mean(timeline.byGuest, all))), its host "
        + "\(Numbers.percent(mean(timeline.byHost, all))), of "
        + "\(Numbers.percent(mean(timeline.idle, all))) in which the guest idled.",
      legend: [("polled", "polled by guest")] + (hasVM ? [("ran", "polled by host")] : [])
        + [("line", "idle")],
      height: 220, isWide: true, table: table)
    figure.write(to: &section) { svg in draw(timeline, &svg) }
  }

  private func draw(_ timeline: SideTimeline, _ svg: inout Markup) {
    let plot = Plot(height: 220)
    let shares = Scale(values: 0...100, places: plot.upward)
    plot.leftAxis(shares, "share of a CPU (%)", ticks: 4, &svg)
    let width = plot.step(timeline.axis.bins)
    var (guest, host) = (Outline(), Outline())
    var idle: Outline?
    for bin in 0..<timeline.axis.bins {
      let x = plot.left + Double(bin) * width
      let (low, high) = (
        shares.place(timeline.share(timeline.byGuest, in: bin) * 100),
        shares.place(
          (timeline.share(timeline.byGuest, in: bin) + timeline.share(timeline.byHost, in: bin))
            * 100)
      )
      guest.box(x, low, width, plot.base - low)
      host.box(x, high, width, low - high)
      let y = shares.place(timeline.share(timeline.idle, in: bin) * 100)
      if idle == nil { idle = Outline(x, y) } else { idle?.up(y) }
      idle?.across(x + width)
    }
    svg.path("polled", guest)
    svg.path("ran", host)
    if let idle { svg.path("now", idle) }
    plot.bottomAxis(timeline.axis.scale(plot), "time (s)", &svg)
    plot.timeSpots(timeline.axis, plot.top, plot.base, &svg)
  }
}
