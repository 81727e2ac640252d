internal import PollTrace

/// The pictures of VMs and vCPUs: the worst ones of a report, each once.
struct Pictures {
  private let report: Report
  /// The worst vCPUs, and how many there are in all.
  private let vcpus: [(trace: Int, vcpu: VCPUReport)]
  private let count: Int
  /// The worst VMs, each with its vCPUs in one trace.
  private let vms: [(trace: Int, label: String, vcpus: [VCPUReport])]
  private let vmCount: Int

  init(_ report: Report) {
    self.report = report
    let all = report.traces.enumerated().flatMap { index, trace in
      trace.vcpus.map { (trace: index, vcpu: $0) }
    }
    count = all.count
    let ranked = all.map { (VCPUList.vain($0.vcpu.figures), $0) }.sorted { $0.0 > $1.0 }
    vcpus = ranked.prefix(HTMLReport.pictured).map(\.1)
    let groups = report.traces.enumerated().flatMap { index, trace in
      trace.vms.map { (trace: index, label: $0.label, vcpus: $0.vcpus) }
    }
    vmCount = groups.count
    vms = groups.map { (VCPUList.vain(Figures(totalOf: $0.vcpus.map(\.figures))), $0) }
      .sorted { $0.0 > $1.0 }.prefix(HTMLReport.picturedVMs).map(\.1)
  }

  /// Says of which trace something is, where there are several.
  private func name(_ label: String, of trace: Int) -> String {
    report.traces.count > 1 ? "\(report.traces[trace].trace.path): \(label)" : label
  }

  private static func lead(_ shown: Int, of all: Int, _ noun: String) -> String {
    shown < all ? " The worst \(shown) of \(Numbers.grouped(UInt64(all))) \(noun) are shown." : ""
  }

  private static func fates(_ vcpus: some Sequence<VCPUReport>) -> HaltFates {
    vcpus.reduce(into: HaltFates()) { sum, vcpu in
      guard let timeline = vcpu.timeline else { return }
      sum.merge(timeline.fates.settled(window: vcpu.figures.windows.now?.window ?? 0))
    }
  }

  /// How long halts last.
  func writeLengths(to main: inout Markup) {
    main.element("section", ["id": "lengths"]) { section in
      section.element("h2", "How long halts last")
      section.element(
        "p", ["class": "lead"],
        "A poll pays for halts that end inside the window; to the right of it the vCPU sleeps."
          + (vmCount > 1 ? Self.lead(vms.count, of: vmCount, "VMs") : ""))
      let all = report.traces.lazy.flatMap(\.vcpus)
      Distribution(
        id: "blocks", title: count > 1 ? "All \(Numbers.grouped(UInt64(count))) vCPUs" : "block_ns",
        fates: Self.fates(all), figures: report.total, ceilings: Set(all.map(\.ceiling))
      ).write(to: &section)
      guard vmCount > 1 else { return }
      section.element("div", ["class": "panels below"]) { grid in
        for (number, vm) in vms.enumerated() {
          Distribution(
            id: "blocks-\(number)", title: name(vm.label, of: vm.trace),
            fates: Self.fates(vm.vcpus), figures: Figures(totalOf: vm.vcpus.map(\.figures)),
            ceilings: Set(vm.vcpus.map(\.ceiling))
          ).write(to: &grid)
        }
      }
    }
  }

  /// A section whose pictures run over time, or why there is none.
  private func writeOverTime(
    _ id: String, _ title: String, _ isEmpty: Bool, to main: inout Markup,
    _ pictures: (inout Markup) -> Void
  ) {
    main.element("section", ["id": id]) { section in
      section.element("h2", title)
      guard isEmpty else { return pictures(&section) }
      section.element(
        "p", ["class": "lead"],
        report.traces.contains(where: \.matchesNothing) && count == 0
          ? Ledger.Kind.noMatch.explanation
          : count == 0
            ? "No vCPU halted."
            : "The trace's clock does not count time, so nothing can be shown over time.")
    }
  }

  /// The window of each vCPU over time.
  func writeWindows(to main: inout Markup) {
    let shown = vcpus.filter { report.traces[$0.trace].trace.clock.isTime }
    writeOverTime("windows", "The poll window over time", shown.isEmpty, to: &main) { section in
      section.element(
        "p", ["class": "lead"],
        "Strips above and below each picture show how often the window grew and shrank."
          + Self.lead(shown.count, of: count, "vCPUs"))
      section.element("ul", ["class": "legend"]) { list in
        for (style, name) in WindowChart.legend {
          list.element("li") { item in
            item.element("i", ["class": "key \(style)"], "")
            item.text(name)
          }
        }
      }
      section.element("div", ["class": shown.count == 1 ? "below" : "panels below"]) { grid in
        for (number, one) in shown.enumerated() {
          let trace = report.traces[one.trace]
          guard let axis = trace.axis else { continue }
          WindowChart(
            id: "window-\(number)", title: name(one.vcpu.fullLabel, of: one.trace),
            vcpu: one.vcpu, trace: trace, axis: axis, highest: highest(one.vcpu, trace),
            isAlone: shown.count == 1
          ).write(to: &grid)
        }
      }
    }
  }

  /// The top of a window's axis: ceilings and windows have room below it.
  private func highest(_ vcpu: VCPUReport, _ trace: TraceReport) -> Double {
    let ceilings =
      vcpu.ceilingSource == .inferred
      ? [vcpu.ceiling] : trace.settings.changes.map(\.parameters.ceiling)
    let most = max(ceilings.max() ?? 0, vcpu.figures.windows.widest)
    // A ceiling of seconds (-1) would flatten everything else.
    let limit = max(Double(vcpu.figures.windows.widest) * 4, 1e6)
    return max(10_000, min(Double(most), limit)) * 1.08
  }

  /// How long halts lasted over time.
  func writeHeat(to main: inout Markup) {
    let shown = vms.filter { report.traces[$0.trace].trace.clock.isTime }
    writeOverTime("heat", "Halts over time", shown.isEmpty, to: &main) { section in
      section.element(
        "p", ["class": "lead"],
        "How long halts lasted, and when: each shade is a step of the logarithm of their number."
          + Self.lead(shown.count, of: vmCount, "VMs"))
      section.element("div", ["class": shown.count == 1 ? "below" : "panels"]) { grid in
        for (number, vm) in shown.enumerated() {
          guard let axis = report.traces[vm.trace].axis else { continue }
          let ceilings = Set(vm.vcpus.map(\.ceiling))
          HeatMap(
            id: "heat-\(number)", title: name(vm.label, of: vm.trace),
            timeline: vm.vcpus.reduce(into: Timeline()) { sum, vcpu in
              if let timeline = vcpu.timeline { sum.append(timeline) }
            }, figures: Figures(totalOf: vm.vcpus.map(\.figures)), axis: axis,
            ceiling: ceilings.count == 1 ? ceilings.first : nil,
            isAlone: shown.count == 1
          ).write(to: &grid)
        }
      }
    }
  }
}
