internal import PollTrace
package import PollTraceReplay

/// A replay as text for people.
package enum TextReplay {
  /// Recorded and predicted side by side, then each vCPU.
  package static func text(_ report: ReplayReport) -> String {
    var lines = [
      "recorded under  "
        + (report.recordedUnder.count == 1
          ? TextReport.words(report.recordedUnder[0].parameters)
          : Advice.words(report.recordedUnder)),
      "predicted under \(TextReport.words(report.parameters)); rules of \(report.rules.name)",
      "",
    ]
    let (recorded, predicted, time) = (report.recorded, report.predicted, report.time)
    let outcome = predicted.outcome
    let mean = { (sum: Double) in Numbers.time(sum / Double(max(1, outcome.halts))) }
    let perSecond = { (cost: Double) in Numbers.time(time > 0 ? cost / time * 1e9 : 0) }
    let table = Table(
      ["", "recorded", "predicted", "range"],
      [
        ["halts", Numbers.grouped(recorded.halts), Numbers.grouped(outcome.halts)],
        ["successful polls / halts", percent(recorded.hitRate)]
          + estimate(predicted.hitRate, percent),
        [
          "polls cut short", Numbers.grouped(recorded.abandoned),
          Numbers.grouped(outcome.abandoned),
        ],
        ["polling, share of a CPU per vCPU", percent(recorded.pollShare(of: time))]
          + estimate(predicted.pollShare, percent),
        [
          "  of it successful", percent(share(recorded.successTime, time)),
          percent(share(outcome.successTime, time)),
        ],
        ["wake-up latency, mean of all halts", Numbers.time(recorded.meanLatency)]
          + estimate(predicted.latency, mean),
      ] + latencies(report) + [
        [
          "cost (\(report.objective.rawValue)) per second",
          perSecond(report.objective.cost(recorded)),
        ] + estimate(predicted.cost, perSecond)
      ])
    lines += table.lines()
    if predicted.hitRate.near != predicted.hitRate.range {
      lines += [
        "",
        "  Other tasks ended polls here. Where the scheduler places them as recorded:",
        "  successful polls \(Numbers.range(predicted.hitRate.near, percent)), "
          + "polling \(Numbers.range(predicted.pollShare.near, percent)).",
      ]
      lines += contention(report)
      if let gap = report.contentionGap { lines.append("  \(gap.why) \(gap.remedy)") }
    }
    if report.vcpus.count > 1 { lines += [""] + vcpuLines(report) }
    lines += [""] + notes(report)
    return lines.joined(separator: "\n") + "\n"
  }

  /// How much others wanted the CPUs, and what the scheduler of this host does about it.
  private static func contention(_ report: ReplayReport) -> [String] {
    guard let share = report.competitorShare else { return [] }
    var line = "  One wanted a vCPU's CPU for \(percent(share)) of the time"
    let moved = report.placements.reduce(0) { $0 + $1.moved }
    let all = report.placements.reduce(moved) { $0 + $1.stayed }
    if all > 0 {
      line +=
        "; of \(Numbers.grouped(Int64(all))) that woke while their CPU was busy, "
        + "\(percent(Double(moved) / Double(all))) moved to an idle one"
    }
    return [line + "."]
  }

  /// What a share of the halts, polled ones included, do not exceed.
  private static func latencies(_ report: ReplayReport) -> [[String]] {
    guard let predicted = report.predicted.wakeLatency else { return [] }
    return WakeLatencyLimit.Statistic.allCases.filter { $0 != .mean }.map { statistic in
      ["  \(statistic.title)", (report.recordedLatencies?[statistic]).shown(Numbers.time)]
        + estimate(predicted[statistic], Numbers.time)
    }
  }

  private static func vcpuLines(_ report: ReplayReport) -> [String] {
    let rows = report.vcpus.map { vcpu in
      ["\(vcpu.identity.shortVM) \(vcpu.identity.label)", percent(vcpu.recorded.hitRate)]
        + estimate(vcpu.predicted.hitRate, percent)
        + [percent(vcpu.recorded.pollShare(of: vcpu.time))]
        + estimate(vcpu.predicted.pollShare, percent)
    }
    let header = ["vCPU", "hits", "predicted", "range", "polling", "predicted", "range"]
    return Table(header, rows).lines()
  }

  private static func notes(_ report: ReplayReport) -> [String] {
    let sources = report.vcpus.compactMap(\.source)
    let external = sources.filter { $0.kind == .external && $0.isDecided }.count
    let own = sources.filter { $0.kind == .ownRequests }.count
    let open = sources.count - external - own
    var notes = Paragraph.lines(
      "  ",
      "wake events: \(external) vCPUs woken from outside, \(own) by answers to their own requests, "
        + "\(open) not decided (taken as from outside)", indent: 4, width: 80)
    let hits = report.predicted.hitRate.doubt
    if hits.width > 0 {
      notes += Paragraph.lines(
        "  ",
        "between: of \(points(hits.width)) points of successful polls a longer recording narrows "
          + "\(points(hits.recording)), other events \(points(hits.events)), nothing "
          + "\(points(hits.nothing))", indent: 4, width: 80)
    }
    if report.replayedShare < 0.999 {
      notes.append(
        "  \(percent(report.replayedShare)) of the halts were replayed, spread over the recording")
    }
    return notes
  }

  private static func points(_ share: Double) -> String { Numbers.fixed(share * 100, 1) }
  private static func percent(_ share: Double) -> String { Numbers.percent(share) }
  private static func share(_ spent: Int64, _ time: Double) -> Double {
    time > 0 ? Double(spent) / time : 0
  }
  /// What is predicted, and where the true value may lie.
  private static func estimate(
    _ estimate: Prediction.Estimate, _ write: (Double) -> String
  ) -> [String] {
    [write(estimate.value), Numbers.range(estimate.range, write)]
  }
}
