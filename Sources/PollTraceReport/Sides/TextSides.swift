internal import PollTrace

/// A guest's recording beside its host's, as lines of the report.
struct TextSides {
  let report: Report
  let style: Bars.Style

  var lines: [String] {
    var lines: [String] = []
    for sides in report.sides {
      if !lines.isEmpty { lines.append("") }
      let words = SidesWords(sides: sides, report: report)
      lines.append(style.heading("BOTH SIDES") + "  \(words.title)")
      for sentence in [words.match, words.clocks]
        + [words.otherTime, words.switchesOff].compactMap(\.self)
      {
        lines += Paragraph.lines("  ", sentence, indent: 4, width: style.width)
      }
      if !sides.pairs.isEmpty {
        lines += Table(SidesWords.columns, words.rows).lines(width: style.tableWidth)
      }
      if let timeline = sides.timeline { lines += overTime(timeline, hasVM: sides.vm != nil) }
      if let costs = sides.costs { lines += self.costs(costs, words) }
    }
    return lines
  }

  /// A row for each tenth of the common time.
  private func overTime(_ timeline: SideTimeline, hasVM: Bool) -> [String] {
    let rows = stride(from: 0, to: timeline.axis.bins, by: 6).map { first -> [String] in
      let bins = first..<min(first + 6, timeline.axis.bins)
      let share = { (sums: [UInt64]) in
        Numbers.percent(
          bins.reduce(0) { $0 + timeline.share(sums, in: $1) } / Double(bins.count))
      }
      return [timeline.axis.words(bins), share(timeline.idle), share(timeline.byGuest)]
        + (hasVM ? [share(timeline.byHost)] : [])
    }
    let titles = ["in common", "idle", "polled by guest"] + (hasVM ? ["polled by host"] : [])
    return Table(titles, rows).lines(width: style.tableWidth)
  }

  private func costs(_ costs: SideCosts, _ words: SidesWords) -> [String] {
    var lines = Table(SidesWords.costColumns, SidesWords.costRows(costs.choices))
      .lines(width: style.tableWidth)
    if let verdict = words.verdict {
      lines += Paragraph.lines("  ", verdict, indent: 4, width: style.width)
    }
    lines += Paragraph.lines("  ", SidesWords.costNote, indent: 4, width: style.width)
    guard !costs.byHost.isEmpty else { return lines }
    lines += Paragraph.lines(
      "  ", "By the replay of the host's recording:", indent: 4, width: style.width)
    return lines
      + Table(SidesWords.costColumns, SidesWords.costRows(costs.byHost))
      .lines(width: style.tableWidth)
  }
}
