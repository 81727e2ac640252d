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
    var table = Table(["", "recorded", "predicted", "between"])
    let (recorded, predicted) = (report.recorded, report.predicted)
    let time = report.time
    table.add([
      "halts", grouped(recorded.halts), grouped(predicted.outcome.halts), "",
    ])
    table.add([
      "successful polls / halts", percent(rate(recorded)), percent(predicted.hitRate.value),
      range(predicted.hitRate.range, percent),
    ])
    table.add([
      "abandoned polls", grouped(recorded.abandoned), grouped(predicted.outcome.abandoned), "",
    ])
    table.add([
      "polling, share of a CPU a vCPU", percent(share(recorded.pollTime, time)),
      percent(predicted.pollShare.value), range(predicted.pollShare.range, percent),
    ])
    table.add([
      "  of it successful", percent(share(recorded.successTime, time)),
      percent(share(predicted.outcome.successTime, time)), "",
    ])
    table.add([
      "wake-up latency, mean a halt", mean(Double(recorded.latency), recorded.halts),
      mean(predicted.latency.value, predicted.outcome.halts),
      range(predicted.latency.range) { mean($0, predicted.outcome.halts) },
    ])
    table.add([
      "cost (\(report.objective.rawValue)) a second",
      perSecond(report.objective.cost(recorded), time), perSecond(predicted.cost.value, time),
      range(predicted.cost.range) { perSecond($0, time) },
    ])
    lines += table.lines()
    if predicted.hitRate.near != predicted.hitRate.range {
      lines += [
        "",
        "  Other tasks ended polls here. Where the scheduler places them as recorded:",
        "  successful polls \(range(predicted.hitRate.near, percent)), "
          + "polling \(range(predicted.pollShare.near, percent)).",
      ]
    }
    if report.vcpus.count > 1 { lines += [""] + vcpuLines(report) }
    lines += [""] + notes(report)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func vcpuLines(_ report: ReplayReport) -> [String] {
    var table = Table(["vCPU", "hits", "predicted", "between", "polling", "predicted", "between"])
    for vcpu in report.vcpus {
      table.add([
        vcpu.identity.label, percent(rate(vcpu.recorded)), percent(vcpu.predicted.hitRate.value),
        range(vcpu.predicted.hitRate.range, percent),
        percent(share(vcpu.recorded.pollTime, vcpu.time)),
        percent(vcpu.predicted.pollShare.value), range(vcpu.predicted.pollShare.range, percent),
      ])
    }
    return table.lines()
  }

  private static func notes(_ report: ReplayReport) -> [String] {
    let sources = report.vcpus.compactMap(\.source)
    let external = sources.filter { $0.kind == .external && $0.isDecided }.count
    let own = sources.filter { $0.kind == .ownRequests }.count
    let open = sources.count - external - own
    var notes = [
      "  wake events: \(external) vCPUs woken from outside, \(own) by answers to their own requests, "
        + "\(open) not decided (taken as from outside)"
    ]
    if report.replayedShare < 0.999 {
      notes.append(
        "  \(percent(report.replayedShare)) of the halts were replayed, spread over the recording")
    }
    return notes
  }

  private static func grouped(_ value: Int64) -> String {
    Numbers.grouped(UInt64(clamping: value))
  }
  private static func percent(_ share: Double) -> String { Numbers.percent(share) }
  private static func rate(_ outcome: PollOutcome) -> Double {
    Double(outcome.successful) / Double(max(1, outcome.halts))
  }
  private static func share(_ spent: Int64, _ time: Double) -> Double {
    time > 0 ? Double(spent) / time : 0
  }
  private static func mean(_ sum: Double, _ halts: Int64) -> String {
    Numbers.time(sum / Double(max(1, halts)))
  }
  private static func perSecond(_ cost: Double, _ time: Double) -> String {
    Numbers.time(time > 0 ? cost / time * 1e9 : 0)
  }
  private static func range(
    _ range: ClosedRange<Double>, _ write: (Double) -> String
  ) -> String {
    "\(write(range.lowerBound)) – \(write(range.upperBound))"
  }
}
