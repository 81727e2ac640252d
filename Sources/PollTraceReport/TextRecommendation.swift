package import PollTrace
package import PollTraceReplay

/// A recommendation as text for people: the answer first, then everything that it rests on.
package enum TextRecommendation {
  /// The whole recommendation that `report` leads to.
  package static func text(
    _ recommendation: Recommendation, _ report: Report, _ style: Bars.Style = Bars.Style()
  ) -> String {
    let answer = TextAnswer(
      advice: .recommendation(recommendation), report: report, style: style)
    return (answer.lines + [""] + details(recommendation, style)).joined(separator: "\n") + "\n"
  }

  /// Why, the choices, the evidence, other uses of the idle time, and the lines to apply and to undo.
  static func details(_ recommendation: Recommendation, _ style: Bars.Style) -> [String] {
    let words = Advice(recommendation)
    let objective = recommendation.objective
    var lines = [style.heading("Choices")]
    lines += wrapped(["for \(objective.rawValue): \(objective.explanation)"], style)
    if let most = recommendation.maxPollShare {
      lines.append("  polling limited to \(Numbers.percent(most)) of a CPU per vCPU")
    }
    if let limit = recommendation.promise?.limit {
      lines += wrapped(["the least polling that keeps a \(limit.words), whatever the cost"], style)
    }
    if !recommendation.choices.isEmpty {
      lines += choices(recommendation).lines(width: style.tableWidth)
      lines += wrapped(
        [
          "setting: halt_poll_ns, grow, grow_start, shrink; polling: share of a CPU per vCPU; latency: "
            + "mean of all halts, and p99; cost: against the current setting's"
        ], style)
    }
    if recommendation.halts > 0 { lines += ["", style.heading("Evidence")] }
    lines += wrapped(words.why, style)
    if recommendation.halts > 0 { lines += wrapped(evidence(recommendation), style) }
    if !recommendation.perVM.isEmpty {
      lines += ["", style.heading("A limit per VM (KVM_CAP_HALT_POLL)")]
      lines += wrapped(recommendation.perVM.map { words.why($0) }, style)
    }
    if !recommendation.alternatives.isEmpty { lines += alternatives(recommendation, words, style) }
    if !words.apply.isEmpty {
      lines += ["", style.heading("To apply, as root")] + words.apply.map { "  \($0)" }
      lines += [style.heading("To undo")] + words.undo.map { "  \($0)" }
    }
    return lines
  }

  private static func wrapped(_ sentences: [String], _ style: Bars.Style) -> [String] {
    sentences.flatMap { Paragraph.lines("  ", $0, indent: 4, width: style.width) }
  }

  private static func choices(_ recommendation: Recommendation) -> Table {
    let rows = recommendation.choices.map { choice in
      [
        choice.name.title, choice.parameterTexts.joined(separator: " "),
        Numbers.percent(choice.shown.pollShare(of: recommendation.time)),
        choice.recorded != nil
          ? "measured"
          : choice.prediction.shown { Numbers.range($0.pollShare.range, Numbers.percent) },
        Numbers.time(choice.shown.meanLatency), choice.shownP99.shown(Numbers.time),
        recommendation.relativeCost(of: choice),
      ]
    }
    return Table(["", "setting", "polling", "predicted", "latency", "p99", "cost"], rows)
  }

  private static func evidence(_ recommendation: Recommendation) -> [String] {
    let objective = recommendation.objective
    let fidelity = recommendation.fidelity
    var lines: [String] = []
    lines.append(
      "\(Numbers.grouped(recommendation.halts)) halts in \(Numbers.time(recommendation.time)) of "
        + "vCPU time; \(Numbers.grouped(fidelity.reproduced)) of "
        + "\(Numbers.grouped(fidelity.recorded)) decisions reproduced")
    if recommendation.recordedUnder.count > 1 {
      lines.append("Recorded under \(Advice.words(recommendation.recordedUnder))")
    }
    if recommendation.trialBlocks > 0 {
      lines.append("  " + Advice.words(trialBlocks: recommendation.trialBlocks))
    }
    if let holdout = recommendation.holdout {
      lines.append(
        "The best of the first half costs \(Numbers.fixed(holdout.costRatio, 2)) times the current "
          + "setting on the second half")
    }
    if let gain = recommendation.worstGain {
      let now = max(1, objective.cost(recommendation.current.outcome))
      lines.append(
        "Worst case over all assumptions: the best saves "
          + "\(Numbers.percent(gain.near / now)) of the cost; if the scheduler places tasks "
          + "differently, \(Numbers.percent(gain.far / now))")
    }
    return lines
  }

  private static func alternatives(
    _ recommendation: Recommendation, _ words: Advice, _ style: Bars.Style
  ) -> [String] {
    let alternatives = recommendation.alternatives
    let halts = Double(max(1, recommendation.halts))
    let table = Table(
      ["", "CPU", "latency", "cost", "known from"],
      alternatives.map {
        [
          $0.title, Numbers.percent($0.cpuShare), Numbers.time($0.latencySum / halts),
          "\(Numbers.fixed(words.costRatio(of: $0), 2)) ×",
          $0.assumedLatency == nil ? "replayed" : "latency assumed",
        ]
      })
    return ["", style.heading("Other uses of the idle time")]
      + table.lines(width: style.tableWidth)
      + wrapped(
        alternatives.filter { $0.name != .guestHaltPollBest }
          .map { "\($0.title) needs \($0.needs)." } + [Alternative.whyAssumed],
        style)
  }
}
