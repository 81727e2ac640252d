internal import PollTrace

/// Who polls: poll CPU and successful share by VM and vCPU, most polling first.
struct VCPUList {
  let report: Report

  private struct Row {
    var vm: String
    /// Nil for a VM, which has a number of them.
    var vcpu: String?
    var count = 1
    /// Both in a few words, for a picture.
    var short = ""
    var figures: Figures
    var ceiling: UInt32?
  }

  func write(to page: inout Markup) {
    page.section("vcpus", "Who polls") { section in
      section.lead(
        "Failed polls use CPU, and the vCPU sleeps anyway. The vCPU that polls most comes first. Press a "
          + "column's title to sort by it.")
      if let legend = Self.legend(report.total) {
        section.lead(legend)
      }
      let (vms, vcpus) = (
        Self.ranked(vms, by: \.figures), Self.ranked(vcpus, by: \.figures)
      )
      if vms.count > 1 { table(vms, "VMs").write(to: &section) }
      PollBars(
        rows: vcpus.prefix(HTMLReport.pictured).map {
          (
            LossMark.marked(vms.count == 1 ? $0.vcpu ?? "" : $0.short, $0.figures),
            $0.figures.pollShares
          )
        }, count: vcpus.count
      ).write(to: &section)
      table(vcpus, "vCPUs").write(to: &section)
    }
  }

  private var vcpus: [Row] {
    guard report.traces.count > 1 else {
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
      vm: identity.vmLabel, vcpu: identity.label, short: "\(vm ?? "unknown"), \(identity.label)",
      figures: figures, ceiling: ceiling)
  }

  private var vms: [Row] {
    vcpus.grouped(by: \.vm).map {
      Row(vm: $0[0].vm, count: $0.count, figures: Figures(totalOf: $0.map(\.figures)))
    }
  }

  /// By all time spent in polls, the most first.
  static func ranked<Row>(_ rows: [Row], by figures: (Row) -> Figures) -> [Row] {
    rows.map { row in
      (row: row, polling: figures(row).pollShares.map { $0.success + $0.failed } ?? -1)
    }.sorted { $0.polling > $1.polling }.map(\.row)
  }

  /// What the mark of lost events means in the page's tables and facts.
  static func legend(_ figures: Figures) -> String? {
    LossMark.legend(figures, low: "counts, halts/s and shares of a CPU")
  }

  private func table(_ rows: [Row], _ title: String) -> DataTable {
    let hasCeilings = rows.contains { $0.ceiling != nil }
    let isOfVMs = title == "VMs"
    let figures = FigureColumn.ofPage
    let columns =
      [
        DataTable.Column(title: "VM", isNumber: false),
        isOfVMs
          ? DataTable.Column(title: "vCPUs") : DataTable.Column(title: "vCPU", isNumber: false),
      ] + figures.map { DataTable.Column(title: $0.title, hint: $0.hint) }
      + (hasCeilings
        ? [DataTable.Column(title: "ceiling", hint: "The longest that a window may become")] : [])
    var table = DataTable("\(title): poll CPU and successful share, most polling first", columns)
    table.isSortable = true
    table.sorted = 2
    let most = rows.compactMap { figures[0].value($0.figures) }.max() ?? 0
    for row in rows {
      // The mark of lost events stands behind whom the row is about.
      let warning = Self.legend(row.figures)
      var cells = [DataTable.Cell(row.vm, warning: isOfVMs ? warning : nil)]
      cells.append(
        row.vcpu.map { DataTable.Cell($0, warning: warning) }
          ?? DataTable.Cell("\(row.count)", Double(row.count)))
      cells += figures.map { DataTable.Cell($0.text(row.figures), $0.value(row.figures) ?? -1) }
      cells[2].bar = figures[0].value(row.figures).map { most > 0 ? $0 / most : 0 }
      if hasCeilings {
        let ceiling = row.ceiling.map { Double($0) }
        cells.append(DataTable.Cell(ceiling.shown(Numbers.exactTime), ceiling ?? -1))
      }
      table.add(cells)
    }
    return table
  }
}
