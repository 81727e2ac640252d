internal import PollTrace

/// Who polls: poll CPU and successful share by VM and vCPU, the worst first.
struct VCPUList {
  let report: Report

  private struct Row {
    var names: [String]
    /// Both in a few words, for a picture.
    var short = ""
    var figures: Figures
    var ceiling: UInt32?
  }

  func write(to page: inout Markup) {
    page.element("section", ["id": "vcpus"]) { section in
      section.element("h2", "Who polls")
      section.element(
        "p", ["class": "lead"],
        "Polls in vain take a CPU and are followed by sleep all the same; whoever spends most on them "
          + "comes first. Press a column's title to sort by it.")
      if let legend = Self.legend(report.total) {
        section.element("p", ["class": "lead"], legend)
      }
      let vms = vms
      if vms.count > 1 { write(vms, "VMs", ["VM", "vCPUs"], isPictured: false, to: &section) }
      write(vcpus, "vCPUs", ["VM", "vCPU"], isPictured: true, to: &section)
    }
  }

  private var vcpus: [Row] {
    if report.traces.count > 1 {
      return report.vcpus.map { vcpu in
        let host = vcpu.host.flatMap { $0.isEmpty ? nil : "\($0), " } ?? ""
        return Row(
          names: [host + vcpu.identity.vmLabel, vcpu.identity.label],
          short: vcpu.identity.shortLabel, figures: vcpu.figures)
      }
    }
    return report.traces.flatMap(\.vcpus).map {
      Row(
        names: [$0.identity.vmLabel, $0.identity.label], short: $0.identity.shortLabel,
        figures: $0.figures, ceiling: $0.ceiling)
    }
  }

  private var vms: [Row] {
    var places: [String: Int] = [:]
    var groups: [(name: String, figures: [Figures])] = []
    for row in vcpus {
      if let place = places[row.names[0]] {
        groups[place].figures.append(row.figures)
      } else {
        places[row.names[0]] = groups.count
        groups.append((row.names[0], [row.figures]))
      }
    }
    return groups.map {
      Row(names: [$0.name, "\($0.figures.count)"], figures: Figures(totalOf: $0.figures))
    }
  }

  private func write(
    _ rows: [Row], _ title: String, _ names: [String], isPictured: Bool, to section: inout Markup
  ) {
    let rows = rows.sorted { Self.vain($0.figures) > Self.vain($1.figures) }
    let table = table(rows, title, names)
    guard isPictured else {
      table.write(to: &section)
      return
    }
    let isOneVM = Set(rows.map { $0.names[0] }).count == 1
    PollBars(
      rows: rows.prefix(HTMLReport.pictured).map {
        (
          LossMark.marked(isOneVM ? $0.names[1] : $0.short, $0.figures), Self.shares($0.figures)
        )
      }, count: rows.count
    ).write(to: &section)
    table.write(to: &section)
  }

  /// The shares of a CPU in successful and in failed polls; nil where windows or time are not known.
  static func shares(_ figures: Figures) -> (success: Double, fail: Double)? {
    let counters = figures.kernelCounters
    guard figures.unknownWindows == 0, let success = figures.share(counters.successfulPollTime),
      let fail = figures.share(counters.failedPollTime)
    else { return nil }
    return (success, fail)
  }

  /// What the mark of lost events means in the page's tables and facts.
  static func legend(_ figures: Figures) -> String? {
    LossMark.legend(figures, low: "counts, halts/s and shares of a CPU")
  }

  /// What rows are sorted by.
  static func vain(_ figures: Figures) -> Double {
    shares(figures)?.fail ?? -1
  }

  private func table(_ rows: [Row], _ title: String, _ names: [String]) -> DataTable {
    let hasCeilings = rows.contains { $0.ceiling != nil }
    var columns = names.map { DataTable.Column(title: $0, isNumber: $0 == "vCPUs") }
    let numbers: [(String, String)] =
      [
        ("poll CPU", "Time spent polling, as a share of a CPU a vCPU"),
        ("in vain", "The part of it in polls that were followed by sleep"),
        ("successful", "Successful polls of all attempted"),
        ("abandoned", "Polls given up before their window ended, of all attempted"),
        ("halts/s", "Halts a second of a vCPU"),
        ("halt p50", "Half of all halts last no longer"), ("halt p99", "99 % last no longer"),
        ("latency", "Mean time from the waking to the wake-up, of halts that slept"),
        ("window", "Mean poll window of a halt"),
      ] + (hasCeilings ? [("ceiling", "The longest that a window may become")] : [])
    columns += numbers.map { DataTable.Column(title: $0.0, hint: $0.1) }
    var table = DataTable(
      "\(title): poll CPU and successful share, the worst first", columns)
    table.isSortable = true
    table.sorted = names.count + 1
    let most = rows.compactMap { Self.shares($0.figures).map { $0.success + $0.fail } }.max() ?? 0
    for row in rows { table.add(cells(row, most: most, names, hasCeilings)) }
    return table
  }

  private func cells(
    _ row: Row, most: Double, _ names: [String], _ hasCeilings: Bool
  ) -> [DataTable.Cell] {
    let figures = row.figures
    let counters = figures.kernelCounters
    let shares = Self.shares(figures)
    let polling = shares.map { $0.success + $0.fail }
    let attempted = Double(counters.attemptedPolls)
    let isKnown = figures.unknownWindows == 0 && attempted > 0
    let hits = isKnown ? Double(counters.successfulPolls) / attempted : nil
    let abandoned = isKnown ? Double(figures.account.abandoned.count) / attempted : nil
    let block = figures.measures.block
    let time = { (value: Double?) in
      DataTable.Cell(value.shown(Numbers.time), value ?? -1)
    }
    // The mark stands behind whoever a row is about: the last name that is no number.
    let subject = names.lastIndex { $0 != "vCPUs" }
    var cells = zip(row.names, names).enumerated().map { place, pair in
      DataTable.Cell(
        pair.0, pair.1 == "vCPUs" ? Double(pair.0) : nil,
        warning: place == subject ? Self.legend(figures) : nil)
    }
    cells += [
      DataTable.Cell(
        polling.shown(Numbers.percent), polling ?? -1,
        bar: polling.map { most > 0 ? $0 / most : 0 }),
      DataTable.Cell((shares?.fail).shown(Numbers.percent), shares?.fail ?? -1),
      DataTable.Cell(hits.shown(Numbers.percent), hits ?? -1),
      DataTable.Cell(abandoned.shown(Numbers.percent), abandoned ?? -1),
      DataTable.Cell(
        figures.haltsPerSecond.shown { Numbers.fixed($0, 0) }, figures.haltsPerSecond ?? -1),
      time(block.quantile(0.5).map { Double($0) }), time(block.quantile(0.99).map { Double($0) }),
      time(figures.measures.wakeLatency.mean), time(figures.windows.meanByHalt),
    ]
    if hasCeilings {
      cells.append(
        DataTable.Cell(
          row.ceiling.shown { Numbers.exactTime(UInt64($0)) }, row.ceiling.map { Double($0) } ?? -1)
      )
    }
    return cells
  }
}

extension VCPUIdentity {
  /// The vCPU with its VM in a few words.
  fileprivate var shortLabel: String {
    let name = vm.map(Printable.text) ?? process.map { "pid \($0.rawValue)" } ?? "unknown"
    return "\(name), \(label)"
  }
}
