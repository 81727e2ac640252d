internal import PollTrace
internal import PollTraceReplay
package import PollTraceTrial

/// A trial as text for people.
package enum TextTrial {
  package static func text(_ report: TrialReport) -> String {
    let words = TrialWords(report)
    let design = report.design
    var lines = [
      words.verdict, "",
      "  trial of this \(report.target)'s parameters, \(report.blocks.count) of "
        + "\(design.rounds.count * design.settings) blocks of \(Numbers.exactTime(design.block.rawValue))"
        + " in random order (--seed \(design.seed)); of each the first "
        + "\(Numbers.exactTime(design.settling.rawValue)) left out", "",
    ]
    lines += report.settings.enumerated().map { number, setting in
      "  \(number == 0 ? "now" : "  \(number)")  \(setting.list)"
    }
    lines += [""] + table(report).lines() + [""]
    for effect in report.effects {
      lines.append("  \(effect.setting): \(words.effect(effect))")
    }
    lines += ["", "  " + bounds(report)]
    if let limit = report.limit {
      lines.append(
        "  limit: wake-up latency \(limit.statistic.rawValue) at most "
          + Numbers.exactTime(limit.most.rawValue))
    }
    if let basis = words.latencyBasis { lines.append("  " + basis) }
    if let doubt = words.limitDoubt { lines.append("  " + doubt) }
    let carried = report.blocks.count { $0.measure.isCarriedOver }
    if carried > 0 {
      lines.append(
        "  in \(carried) blocks CPUs polled on under the limit of the setting before, since no poll ran out; they "
          + "were not compared")
    }
    lines += (words.unreached + report.notes).map { "  \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func bounds(_ report: TrialReport) -> String {
    let pairs = report.effects.map { "\($0.pairs)" }.joined(separator: ", ")
    return
      "cost: \(report.objective.rawValue); bounds from \(pairs) pairs of blocks, they hold at every look with "
      + "\(Numbers.fixed((1 - TrialJudge.error) * 100, 0)) % certainty"
  }

  private static func table(_ report: TrialReport) -> Table {
    let (things, cost, source) =
      report.isGuests
      ? ("idles/s", "cost/idle", "the kernel's counts")
      : ("halts/s", "cost/halt", "KVM's counters")
    var table = Table([
      "", "blocks", things, "polled", "polling", "wake mean", "p99", cost, "pressure", "steal",
    ])
    for setting in report.settings.indices {
      let name = setting == 0 ? "now" : "\(setting)"
      let count = report.blocks.count { $0.setting == setting }
      if let sum = report.sum(of: setting) { table.add(row(name, count, sum, report)) }
      if let sum = report.sum(of: setting, { $0.counted }) {
        table.add(row("  by \(source)", count, sum, report))
      }
    }
    return table
  }

  private static func row(
    _ name: String, _ blocks: Int, _ sum: BlockMeasure, _ report: TrialReport
  ) -> [String] {
    [
      name, "\(blocks)", Numbers.fixed(sum.rate, 0),
      (sum.hitsAreExact ? "" : "≥ ") + Numbers.percent(sum.outcome.hitRate),
      Numbers.percent(sum.pollShare), sum.latency(.mean).shown { Numbers.time($0) },
      sum.latency(.p99).shown { Numbers.time($0) },
      sum.cost(report.objective).shown { Numbers.time($0) },
      sum.pressure.shown(Numbers.percent), sum.steal.shown(Numbers.percent),
    ]
  }
}
