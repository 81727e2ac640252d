internal import PollTrace

/// The pictures of VMs and vCPUs, or of guests and their CPUs: the worst ones of a report, each once.
struct Pictures {
  private let report: Report
  private let side: PageSide
  /// Before ids on a page with both sides.
  private let prefix: String
  /// The worst vCPUs, and how many there are in all.
  private let vcpus: [One]
  private let count: Int
  /// The worst VMs, each with its vCPUs in one trace.
  private let vms: [Group]
  private let vmCount: Int
  /// All vCPUs together.
  private let total: Pictured
  private let outcomes: HaltOutcomes
  private let ceilings: Set<UInt32>

  /// A vCPU, or a guest's CPU.
  private struct One {
    var trace: Int
    var label: String
    var pictured: Pictured
    var ceilings: Ceilings
    var timeline: Timeline?
    /// All time spent in polls, as a share; -1 where it is not known.
    var polling: Double
  }

  /// A VM with its vCPUs in one trace, or a guest.
  private struct Group {
    var trace: Int
    var label: String
    var ones: [One]
    var pictured: Pictured
    var polling: Double
    var ceilings: Set<UInt32> { Set(ones.map(\.ceilings.last)) }
    var timeline: Timeline {
      ones.reduce(into: Timeline()) { sum, one in
        if let timeline = one.timeline { sum.merge(timeline) }
      }
    }
  }

  init(_ report: Report, _ side: PageSide = .host, prefix: String = "") {
    (self.report, self.side, self.prefix) = (report, side, prefix)
    let groups = report.traces.enumerated().flatMap { index, trace in
      side == .host ? Self.vms(trace, index) : Self.guest(trace, index)
    }
    let all = groups.flatMap(\.ones)
    (count, vmCount) = (all.count, groups.count)
    total = side == .host ? Pictured(report.total) : Pictured(report.guestTotal)
    outcomes = all.reduce(into: HaltOutcomes()) { sum, one in
      if let timeline = one.timeline { sum.merge(timeline.outcomes) }
    }
    ceilings = Set(all.map(\.ceilings.last))
    vcpus = Array(all.sorted { $0.polling > $1.polling }.prefix(HTMLReport.pictured))
    vms = Array(groups.sorted { $0.polling > $1.polling }.prefix(HTMLReport.picturedVMs))
  }

  private static func sum(_ shares: (success: Double, failed: Double)?) -> Double {
    shares.map { $0.success + $0.failed } ?? -1
  }

  private static func vms(_ trace: TraceReport, _ index: Int) -> [Group] {
    trace.vms.map { label, vcpus in
      let total = Figures(totalOf: vcpus.map(\.figures))
      return Group(
        trace: index, label: label,
        ones: vcpus.map {
          One(
            trace: index, label: $0.fullLabel, pictured: Pictured($0.figures),
            ceilings: Ceilings($0, trace), timeline: $0.timeline,
            polling: sum($0.figures.pollShares))
        }, pictured: Pictured(total), polling: sum(total.pollShares))
    }
  }

  private static func guest(_ trace: TraceReport, _ index: Int) -> [Group] {
    guard let guest = trace.guest, !guest.cpus.isEmpty else { return [] }
    let ceilings = Ceilings(guest)
    return [
      Group(
        trace: index, label: trace.guestLabel,
        ones: guest.cpus.map {
          One(
            trace: index, label: $0.label, pictured: Pictured($0.figures), ceilings: ceilings,
            timeline: $0.timeline, polling: sum($0.figures.pollShares))
        }, pictured: Pictured(guest.total), polling: sum(guest.total.pollShares))
    ]
  }

  /// Says of which trace something is, where there are several.
  private func name(_ label: String, of trace: Int) -> String {
    report.traces.count > 1 ? "\(report.traces[trace].trace.path.terminal): \(label)" : label
  }

  private static func lead(_ shown: Int, of all: Int, _ noun: String) -> String {
    shown < all ? " The worst \(shown) of \(Numbers.grouped(all)) \(noun) are shown." : ""
  }

  /// How long halts last.
  func writeLengths(to main: inout Markup) {
    main.section("\(prefix)lengths", "How long \(side.halts) last") { section in
      section.lead(
        "A poll pays for \(side.halts) that end inside the \(side.window); to the right of it the \(side.vcpu) "
          + "\(side.sleeps)."
          + (vmCount > 1 ? Self.lead(vms.count, of: vmCount, "\(side.vm)s") : ""))
      Distribution(
        id: "\(prefix)blocks",
        title: count > 1 ? "All \(Numbers.grouped(count)) \(side.vcpu)s" : side.length, side: side,
        outcomes: outcomes, pictured: total, ceilings: ceilings, isWide: true
      ).write(to: &section)
      guard vmCount > 1 else { return }
      section.element("div", ["class": "panels below"]) { grid in
        for (number, vm) in vms.enumerated() {
          Distribution(
            id: "\(prefix)blocks-\(number)", title: name(vm.label, of: vm.trace), side: side,
            outcomes: vm.timeline.outcomes, pictured: vm.pictured, ceilings: vm.ceilings
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
    main.section(prefix + id, title) { section in
      guard isEmpty else { return pictures(&section) }
      section.lead(
        report.traces.contains(where: \.matchesNothing) && count == 0
          ? Ledger.Kind.noMatch.explanation
          : count == 0
            ? side == .host ? "No vCPU halted." : Ledger.Kind.neverIdle.explanation
            : "The trace's clock does not count time, so nothing can be shown over time.")
    }
  }

  /// The window of each vCPU over time.
  func writeWindows(to main: inout Markup) {
    let shown = vcpus.filter { report.traces[$0.trace].trace.clock.isTime }
    writeOverTime(
      "windows", "The poll \(side.window) over time", shown.isEmpty, to: &main
    ) { section in
      section.lead(
        "Strips above and below each picture show how often the \(side.window) grew and shrank."
          + Self.lead(shown.count, of: count, "\(side.vcpu)s"))
      section.legend(WindowChart.legend(side), ["class": "legend"])
      section.element("div", ["class": shown.count == 1 ? "below" : "panels below"]) { grid in
        for (number, one) in shown.enumerated() {
          guard let axis = report.traces[one.trace].axis, let timeline = one.timeline else {
            continue
          }
          WindowChart(
            id: "\(prefix)window-\(number)", title: name(one.label, of: one.trace), side: side,
            pictured: one.pictured, ceilings: one.ceilings, axis: axis, timeline: timeline,
            windows: timeline.windows(on: axis), highest: Self.highest(one),
            isAlone: shown.count == 1
          ).write(to: &grid)
        }
      }
    }
  }

  /// The top of a window's axis: ceilings and windows have room below it.
  private static func highest(_ one: One) -> Double {
    let widest = one.pictured.windows.widest
    let most = max(one.ceilings.steps.map(\.ceiling).max() ?? 0, widest)
    // A ceiling of seconds (-1) would flatten everything else.
    let limit = max(Double(widest) * 4, 1e6)
    return max(10_000, min(Double(most), limit)) * 1.08
  }

  /// How long halts lasted over time.
  func writeHeat(to main: inout Markup) {
    let shown = vms.filter { report.traces[$0.trace].trace.clock.isTime }
    let title = side == .host ? "Halts over time" : "Idle times over time"
    writeOverTime("heat", title, shown.isEmpty, to: &main) { section in
      section.lead(
        "How long \(side.halts) lasted, and when: each shade is a step of the logarithm of their number."
          + Self.lead(shown.count, of: vmCount, "\(side.vm)s"))
      section.element("div", ["class": shown.count == 1 ? "below" : "panels"]) { grid in
        for (number, vm) in shown.enumerated() {
          guard let axis = report.traces[vm.trace].axis else { continue }
          HeatMap(
            id: "\(prefix)heat-\(number)", title: name(vm.label, of: vm.trace), side: side,
            timeline: vm.timeline, gaps: vm.pictured.gaps, axis: axis,
            ceiling: vm.ceilings.count == 1 ? vm.ceilings.first : nil,
            isAlone: shown.count == 1
          ).write(to: &grid)
        }
      }
    }
  }
}
