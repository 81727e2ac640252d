internal import PollTrace

/// Who polls: poll CPU and successful share by VM and vCPU, or by a guest's CPU, most polling first.
struct VCPUList {
  let report: Report
  var side = PageSide.host
  /// Before ids on a page with both sides.
  var prefix = ""

  private struct Row {
    var vm: String
    /// Nil for a VM, which has a number of them.
    var vcpu: String?
    var count = 1
    /// Both in a few words, for a picture.
    var short = ""
    /// What its columns show.
    var cells: [(text: String, value: Double?)]
    var shares: (success: Double, failed: Double)?
    var gaps: UInt64
    var ceiling: UInt32?

    init(
      _ vm: String, _ vcpu: String?, short: String = "", _ figures: Figures, ceiling: UInt32? = nil
    ) {
      (self.vm, self.vcpu, self.short, self.ceiling) = (vm, vcpu, short, ceiling)
      cells = FigureColumn<Figures>.ofPage.map { ($0.text(figures), $0.value(figures)) }
      (shares, gaps) = (figures.pollShares, figures.gaps)
    }

    init(
      _ guest: String, _ cpu: String?, short: String = "", _ figures: IdleFigures,
      ceiling: UInt32? = nil
    ) {
      (vm, vcpu, self.short, self.ceiling) = (guest, cpu, short, ceiling)
      cells = FigureColumn<IdleFigures>.ofPage.map { ($0.text(figures), $0.value(figures)) }
      (shares, gaps) = (figures.pollShares, figures.gaps)
    }

    /// All time spent in polls, as a share; -1 where it is not known.
    var polling: Double { shares.map { $0.success + $0.failed } ?? -1 }
  }

  func write(to page: inout Markup) {
    page.section("\(prefix)vcpus", side == .host ? "Who polls" : "Which CPUs poll") { section in
      section.lead(
        "Failed polls use CPU, and the \(side.vcpu) \(side.sleeps) anyway. The \(side.vcpu) that polls most "
          + "comes first. Press a column's title to sort by it.")
      if let legend = Self.legend(gaps: side == .host ? report.total.gaps : report.guestTotal.gaps)
      {
        section.lead(legend)
      }
      let (vms, vcpus) = (ranked(vms), ranked(vcpus))
      if vms.count > 1 { table(vms, "\(side.vm)s").write(to: &section) }
      PollBars(
        rows: vcpus.prefix(HTMLReport.pictured).map {
          (
            LossMark.marked(vms.count == 1 ? $0.vcpu ?? "" : $0.short, gaps: $0.gaps), $0.shares
          )
        }, count: vcpus.count, side: side, prefix: prefix
      ).write(to: &section)
      table(vcpus, "\(side.vcpu)s").write(to: &section)
    }
  }

  private var vcpus: [Row] {
    if side == .guest { return cpus }
    guard report.traces.filter({ $0.guest == nil }).count > 1 else {
      return report.traces.flatMap(\.vcpus).map { Self.row($0.identity, $0.figures, $0.ceiling) }
    }
    return report.vcpus.map { vcpu in
      var row = Self.row(vcpu.identity, vcpu.figures)
      row.vm = vcpu.vmLabel
      return row
    }
  }

  private static func row(
    _ identity: VCPUIdentity, _ figures: Figures, _ ceiling: UInt32? = nil
  ) -> Row {
    let vm = identity.vm?.terminal ?? identity.process.map { "pid \($0.rawValue)" }
    return Row(
      identity.vmLabel, identity.label, short: "\(vm ?? "unknown"), \(identity.label)", figures,
      ceiling: ceiling)
  }

  private var cpus: [Row] {
    report.traces.flatMap { trace in
      (trace.guest?.cpus ?? []).map { cpu in
        Row(
          trace.guestLabel, cpu.label, short: "\(trace.guestLabel), \(cpu.label)", cpu.figures,
          ceiling: trace.guest.map { Ceilings($0).last })
      }
    }
  }

  private var vms: [Row] {
    if side == .guest {
      return report.traces.filter { $0.guest != nil }.map { trace in
        let figures = (trace.guest?.cpus ?? []).map(\.figures)
        var row = Row(trace.guestLabel, nil, IdleFigures(totalOf: figures))
        row.count = figures.count
        return row
      }
    }
    let vcpus = zip(self.vcpus, allFigures).map { (row: $0, figures: $1) }
    return vcpus.grouped(by: \.row.vm).map {
      var row = Row($0[0].row.vm, nil, Figures(totalOf: $0.map(\.figures)))
      row.count = $0.count
      return row
    }
  }

  /// The figures of `vcpus`, in the same order.
  private var allFigures: [Figures] {
    report.traces.filter { $0.guest == nil }.count > 1
      ? report.vcpus.map(\.figures) : report.traces.flatMap(\.vcpus).map(\.figures)
  }

  private func ranked(_ rows: [Row]) -> [Row] { rows.sorted { $0.polling > $1.polling } }

  /// What the mark of lost events means in the page's tables and facts.
  static func legend(gaps: UInt64) -> String? {
    LossMark.legend(gaps: gaps, low: "counts, halts/s and shares of a CPU")
  }

  private var titles: [DataTable.Column] {
    side == .host
      ? FigureColumn<Figures>.ofPage.map { DataTable.Column(title: $0.title, hint: $0.hint) }
      : FigureColumn<IdleFigures>.ofPage.map { DataTable.Column(title: $0.title, hint: $0.hint) }
  }

  private func table(_ rows: [Row], _ title: String) -> DataTable {
    let hasCeilings = rows.contains { $0.ceiling != nil }
    let isOfVMs = title == "\(side.vm)s"
    let columns =
      [
        DataTable.Column(title: side.vm, isNumber: false),
        isOfVMs
          ? DataTable.Column(title: "\(side.vcpu)s")
          : DataTable.Column(title: side.vcpu, isNumber: false),
      ] + titles
      + (hasCeilings
        ? [
          DataTable.Column(
            title: side.ceiling, hint: "The longest that a \(side.window) may become")
        ] : [])
    var table = DataTable("\(title): poll CPU and successful share, most polling first", columns)
    table.isSortable = true
    table.sorted = 2
    let most = rows.compactMap { $0.cells[0].value }.max() ?? 0
    for row in rows {
      // The mark of lost events stands behind whom the row is about.
      let warning = Self.legend(gaps: row.gaps)
      var cells = [DataTable.Cell(row.vm, warning: isOfVMs ? warning : nil)]
      cells.append(
        row.vcpu.map { DataTable.Cell($0, warning: warning) }
          ?? DataTable.Cell("\(row.count)", Double(row.count)))
      cells += row.cells.map { DataTable.Cell($0.text, $0.value ?? -1) }
      cells[2].bar = row.cells[0].value.map { most > 0 ? $0 / most : 0 }
      if hasCeilings {
        let ceiling = row.ceiling.map { Double($0) }
        cells.append(DataTable.Cell(ceiling.shown(Numbers.exactTime), ceiling ?? -1))
      }
      table.add(cells)
    }
    return table
  }
}

extension TraceReport {
  /// A guest as people call it: its name, or its recording's.
  var guestLabel: String {
    if let host = trace.facts?.host, !host.isEmpty { return host.terminal }
    return trace.path.fileName.terminal
  }
}
