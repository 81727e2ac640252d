internal import PollTrace
internal import PollTraceReplay

/// Each figure of a report: traces, vCPUs, windows, histograms, choices.
struct TextDetails {
  let style: Bars.Style
  var lines: [String] = []

  /// How many vCPUs of a trace are shown one by one where not all are asked for.
  private static let most = 32

  static func parts(
    _ report: Report, _ advice: ReportAdvice, _ style: Bars.Style, all: Bool
  ) -> [[String]] {
    var text = TextDetails(style: style, showsAll: all)
    for trace in report.traces { text.add(trace) }
    if report.traces.filter({ $0.guest == nil }).count > 1 {
      let guests = report.traces.filter { $0.guest != nil }.count
      text.heading("All \(report.traces.count - guests) traces\(guests > 0 ? " of hosts" : "")")
      let vcpus = report.vcpus.map { ($0.label, $0.figures) }
      text.add(text.worst(vcpus, "vCPUs") { $0.1 } + [("all", report.total)])
      text.addHistogram("Halt lengths (block_ns), all traces", report.total)
    }
    let choices = advice.given.map { TextRecommendation.details($0, style) } ?? []
    return [text.lines, choices]
  }

  /// Each figure of the guests' own traces.
  static func guests(_ report: Report, _ style: Bars.Style) -> [String] {
    var text = TextDetails(style: style, showsAll: false)
    for trace in report.traces where trace.guest != nil { text.add(trace) }
    return text.lines
  }

  private let showsAll: Bool

  private init(style: Bars.Style, showsAll: Bool) {
    self.style = style
    self.showsAll = showsAll
  }

  mutating func heading(_ text: String) {
    if !lines.isEmpty { lines.append("") }
    lines.append(style.heading(text))
  }

  /// Those of `items` whose failed polls took the most time, where there are too many to show; says
  /// so then.
  private mutating func worst<Item>(
    _ items: [Item], _ noun: String, _ figures: (Item) -> Figures
  ) -> [Item] {
    guard !showsAll, items.count > Self.most else { return items }
    let shown =
      items
      .map { (item: $0, wasted: figures($0).kernelCounters.failedPollTime) }
      .sorted { $0.wasted > $1.wasted }
      .prefix(Self.most).map(\.item)
    lines.append(
      "  The \(Self.most) that waste the most time in polls, of"
        + " \(Numbers.grouped(items.count)) \(noun); --all shows the others.")
    return shown
  }

  private mutating func add(_ report: TraceReport) {
    addHeader(report)
    if let guest = report.guest { return add(report, guest) }
    guard !report.vcpus.isEmpty else {
      lines.append("  \(report.absence.explanation)")
      return
    }
    if !showsAll, report.vcpus.count > Self.most {
      addWorst(report)
      return
    }
    for (vm, vcpus) in report.vms {
      heading(vm)
      var rows = vcpus.map { ($0.label, $0.figures) }
      if vcpus.count > 1 { rows.append(("all", Figures(totalOf: vcpus.map(\.figures)))) }
      add(rows)
      addWindows(vcpus)
    }
    for vcpu in report.vcpus where report.vcpus.count > 1 {
      addHistogram("Halt lengths (block_ns), \(vcpu.fullLabel)", vcpu.figures)
    }
    let total = Figures(totalOf: report.vcpus.map(\.figures))
    let whose = report.vcpus.count > 1 ? "all vCPUs" : report.vcpus[0].fullLabel
    addHistogram("Halt lengths (block_ns), \(whose)", total)
    addDecisions(report, total)
  }

  /// A trace of a large host: its worst VMs and vCPUs, and all together.
  private mutating func addWorst(_ report: TraceReport) {
    let total = Figures(totalOf: report.vcpus.map(\.figures))
    let all = [("all", total)]
    let vms = report.vms.map { ($0.label, Figures(totalOf: $0.vcpus.map(\.figures))) }
    if vms.count > 1 {
      heading("VMs")
      add(worst(vms, "VMs") { $0.1 } + all)
    }
    heading("vCPUs")
    let vcpus = worst(report.vcpus, "vCPUs") { $0.figures }
    add(vcpus.map { (vms.count > 1 ? $0.fullLabel : $0.label, $0.figures) } + all)
    addHistogram("Halt lengths (block_ns), all vCPUs", total)
    addDecisions(report, total)
  }

  private mutating func addHeader(_ report: TraceReport) {
    let words = Self.headerWords(report)
    heading(words.dropLast(2).joined(separator: " · "))
    lines.append("  " + words[words.count - 2])
    let trace = report.trace
    if !trace.instances.isEmpty {
      lines.append("  instances \(trace.instances.map(\.terminal).joined(separator: ", "))")
    }
    lines.append("  " + words[words.count - 1])
    if let guest = report.guest {
      if let facts = trace.facts?.guest { lines.append("  " + Self.idling(facts)) }
      for change in guest.settings.changes.dropFirst() {
        let since = report.tally.first.map { Numbers.time(change.since - $0) } ?? Numbers.unknown
        lines.append("  from \(since) on: \(change.parameters.words)")
      }
      return
    }
    for change in report.settings.changes.dropFirst() {
      let since = report.tally.first.map { Numbers.time(change.since - $0) } ?? Numbers.unknown
      lines.append("  from \(since) on: \(TextReport.words(change.parameters))")
    }
  }

  /// What a trace is: its file, its machine, how much is in it, and the parameters.
  static func headerWords(_ report: TraceReport) -> [String] {
    let trace = report.trace
    let system = [trace.kernel.map { "Linux \($0.terminal)" }, trace.arch?.terminal]
      .compactMap(\.self)
    let rules = "rules of \(report.settings.rules.name)"
    let lines = [
      "clock \(trace.clock.name.terminal)",
      extent(report),
      report.guest.map(words) ?? "\(words(report.parameters, report.sources)); \(rules)",
    ]
    return [trace.path.terminal, trace.format] + system + lines
  }

  /// How much is in a trace.
  private static func extent(_ report: TraceReport) -> String {
    let trace = report.trace
    let lost =
      report.lostEvents > 0
      ? "\(Numbers.grouped(report.lostEvents)) lost"
      : !report.tally.absent.isEmpty
        ? "some not in the file"
        : report.tally.uncountedLosses > 0
          ? "an unknown number lost"
          : report.ledger.entries.contains {
            [.missingEvents, .partOnly, .filteredEvents, .tracingPaused].contains($0.kind)
          }
            ? "none marked as lost" : "none lost"
    let cpus = trace.cpus.map { "\($0) \($0 == 1 ? "CPU" : "CPUs")" } ?? "unknown CPUs"
    return "\(report.duration.shown(Numbers.time)) on \(cpus), "
      + "\(Numbers.grouped(report.tally.events)) events, \(lost)"
  }

  /// A trace in a line: its file, how much is in it, and its kernel.
  static func summary(_ report: TraceReport) -> String {
    let kernel = report.trace.kernel.map { "; Linux \($0.terminal)" } ?? ""
    return "\(report.trace.path.terminal): \(extent(report))\(kernel)"
  }

  /// The four parameters, with where they are from.
  private static func words(_ parameters: PollParameters, _ sources: ParameterSources) -> String {
    if Set(sources.all).count == 1 {
      return "\(TextReport.words(parameters)) (\(sources.overall.rawValue))"
    }
    return zip(TextReport.words(parameters).split(separator: ", "), sources.all)
      .map { "\($0) (\($1.rawValue))" }.joined(separator: ", ")
  }

  private mutating func add(_ rows: [(label: String, figures: Figures)]) {
    let columns = FigureColumn<Figures>.ofText
    let table = Table(
      [""] + columns.map(\.title),
      rows.map { label, figures in
        [LossMark.marked(label, figures)] + columns.map { $0.text(figures) }
      })
    lines += table.lines(width: style.tableWidth)
    // Of all rows: the last one is their total where there are several.
    let most = rows.map(\.figures).max { $0.gaps < $1.gaps }
    if let legend = LossMark.legend(most, low: "counts, halts/s, poll ok and wasted") {
      lines += Self.wrapped("  ", legend.split(separator: " ").map(String.init), " ", style.width)
    }
  }

  private mutating func addWindows(_ vcpus: [VCPUReport]) {
    for vcpu in vcpus {
      let shares = vcpu.figures.windows.shares.map {
        "\(Numbers.exactTime($0.window)) \(Numbers.percent($0.share))"
      }
      if shares.isEmpty { continue }
      lines += Self.wrapped(
        "  \(LossMark.marked(vcpu.label, vcpu.figures)) window, share of time: ", shares, ", ",
        style.width)
    }
  }

  private mutating func addHistogram(_ title: String, _ figures: Figures) {
    guard figures.measures.block.count > 0 else { return }
    heading(LossMark.marked(title, figures))
    lines += Bars.lines(figures.measures.block, style)
  }

  private mutating func addDecisions(_ report: TraceReport, _ total: Figures) {
    let fidelity = total.fidelity
    heading(LossMark.marked("Poll-window decisions", total))
    let reproduced = Numbers.grouped(fidelity.reproduced)
    lines.append(
      "  \(reproduced) of \(Numbers.grouped(fidelity.recorded)) decisions reproduced"
        + " by the rules of \(report.settings.rules.name)")
    if !total.wakeupsAreRecorded {
      lines.append("  by their old and new window: how long the halts were is not known")
      for vcpu in report.vcpus where showsAll || report.vcpus.count <= Self.most {
        lines.append("  \(vcpu.fullLabel): \(Self.moves(vcpu.figures))")
      }
    }
    if fidelity.unknown > 0 {
      let unknown = Numbers.grouped(fidelity.unknown)
      lines.append("  \(unknown) halts could not be checked: their window is not known")
    }
    for vcpu in report.vcpus where vcpu.ceilingSource == .inferred {
      let ceiling = Numbers.exactTime(vcpu.ceiling)
      lines.append("  \(vcpu.fullLabel): ceiling \(ceiling), as its decisions show")
    }
    if let first = fidelity.first { lines += Self.lines(first) }
  }

  /// What decisions tell by themselves.
  static func moves(_ figures: Figures) -> String {
    let (grows, shrinks) = (figures.measures.grows, figures.measures.shrinks)
    return "\(Numbers.grouped(grows)) \(grows == 1 ? "grow" : "grows"), "
      + "\(Numbers.grouped(shrinks)) \(shrinks == 1 ? "shrink" : "shrinks"), widest window "
      + figures.windows.widestKnown.shown(Numbers.exactTime)
  }

  /// A contradiction in full.
  private static func lines(_ first: Fidelity.Contradiction) -> [String] {
    func words(_ change: PollWindow.Change) -> String {
      switch change {
      case .none: "no decision"
      case .moved(let move, let old, let new): "\(move) \(old) → \(new)"
      }
    }
    return [
      "  first contradiction: \(first.thread.label) at \(first.time.rawValue) ns, "
        + "block \(first.block.rawValue) ns, window \(first.window) ns",
      "    \(TextReport.words(first.parameters))",
      "    the rules say \(words(first.expected)), the kernel did \(words(first.recorded))",
    ]
  }

  /// `title` and then `items`, wrapped at `width`, later lines indented below the first item.
  static func wrapped(
    _ title: String, _ items: [String], _ separator: String, _ width: Int
  ) -> [String] {
    var lines: [String] = []
    var line = title
    for (position, item) in items.enumerated() {
      let text = item + (position + 1 < items.count ? separator : "")
      if line.columns + text.columns > width + 1, line.columns > title.columns {
        while line.last == " " { line.removeLast() }
        lines.append(line)
        line = String(repeating: " ", count: title.columns)
      }
      line += text
    }
    lines.append(line)
    return lines
  }
}
