internal import PollTrace

/// The pictures of VMs and vCPUs: the worst ones of a report, each once.
struct Pictures {
  private let report: Report
  /// The worst vCPUs, and how many there are in all.
  private let vcpus: [(trace: Int, vcpu: VCPUReport)]
  private let count: Int
  /// The worst VMs, each with its vCPUs in one trace.
  private let vms: [VM]
  private let vmCount: Int

  private struct VM {
    var trace: Int
    var label: String
    var vcpus: [VCPUReport]
    var figures: Figures
    var ceilings: Set<UInt32> { Set(vcpus.map(\.ceiling)) }
  }

  init(_ report: Report) {
    self.report = report
    let all = report.traces.enumerated().flatMap { index, trace in
      trace.vcpus.map { (trace: index, vcpu: $0) }
    }
    count = all.count
    vcpus = Array(VCPUList.ranked(all, by: \.vcpu.figures).prefix(HTMLReport.pictured))
    let vms = report.traces.enumerated().flatMap { index, trace in
      trace.vms.map { label, vcpus in
        VM(
          trace: index, label: label, vcpus: vcpus,
          figures: Figures(totalOf: vcpus.map(\.figures)))
      }
    }
    vmCount = vms.count
    self.vms = Array(VCPUList.ranked(vms, by: \.figures).prefix(HTMLReport.picturedVMs))
  }

  /// Says of which trace something is, where there are several.
  private func name(_ label: String, of trace: Int) -> String {
    report.traces.count > 1 ? "\(report.traces[trace].trace.path.terminal): \(label)" : label
  }

  private static func lead(_ shown: Int, of all: Int, _ noun: String) -> String {
    shown < all ? " The worst \(shown) of \(Numbers.grouped(all)) \(noun) are shown." : ""
  }

  private static func outcomes(_ vcpus: some Sequence<VCPUReport>) -> HaltOutcomes {
    vcpus.reduce(into: HaltOutcomes()) { sum, vcpu in
      if let timeline = vcpu.timeline { sum.merge(timeline.outcomes) }
    }
  }

  /// How long halts last.
  func writeLengths(to main: inout Markup) {
    main.section("lengths", "How long halts last") { section in
      section.lead(
        "A poll pays for halts that end inside the window; to the right of it the vCPU sleeps."
          + (vmCount > 1 ? Self.lead(vms.count, of: vmCount, "VMs") : ""))
      let all = report.traces.lazy.flatMap(\.vcpus)
      Distribution(
        id: "blocks", title: count > 1 ? "All \(Numbers.grouped(count)) vCPUs" : "block_ns",
        outcomes: Self.outcomes(all), figures: report.total, ceilings: Set(all.map(\.ceiling))
      ).write(to: &section)
      guard vmCount > 1 else { return }
      section.element("div", ["class": "panels below"]) { grid in
        for (number, vm) in vms.enumerated() {
          Distribution(
            id: "blocks-\(number)", title: name(vm.label, of: vm.trace),
            outcomes: Self.outcomes(vm.vcpus), figures: vm.figures, ceilings: vm.ceilings
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
    main.section(id, title) { section in
      guard isEmpty else { return pictures(&section) }
      section.lead(
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
      section.lead(
        "Strips above and below each picture show how often the window grew and shrank."
          + Self.lead(shown.count, of: count, "vCPUs"))
      section.legend(WindowChart.legend, ["class": "legend"])
      section.element("div", ["class": shown.count == 1 ? "below" : "panels below"]) { grid in
        for (number, one) in shown.enumerated() {
          let trace = report.traces[one.trace]
          guard let axis = trace.axis, let timeline = one.vcpu.timeline else { continue }
          WindowChart(
            id: "window-\(number)", title: name(one.vcpu.fullLabel, of: one.trace),
            vcpu: one.vcpu, trace: trace, axis: axis, timeline: timeline,
            windows: timeline.windows(on: axis), highest: highest(one.vcpu, trace),
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
      section.lead(
        "How long halts lasted, and when: each shade is a step of the logarithm of their number."
          + Self.lead(shown.count, of: vmCount, "VMs"))
      section.element("div", ["class": shown.count == 1 ? "below" : "panels"]) { grid in
        for (number, vm) in shown.enumerated() {
          guard let axis = report.traces[vm.trace].axis else { continue }
          HeatMap(
            id: "heat-\(number)", title: name(vm.label, of: vm.trace),
            timeline: vm.vcpus.reduce(into: Timeline()) { sum, vcpu in
              if let timeline = vcpu.timeline { sum.merge(timeline) }
            }, figures: vm.figures, axis: axis,
            ceiling: vm.ceilings.count == 1 ? vm.ceilings.first : nil,
            isAlone: shown.count == 1
          ).write(to: &grid)
        }
      }
    }
  }
}
