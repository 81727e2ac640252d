internal import PollTrace
package import PollTraceReplay

/// A recommendation as text for people: the answer first.
package enum TextRecommendation {
  /// The whole recommendation.
  package static func text(_ recommendation: Recommendation) -> String {
    (lines(recommendation) + details(recommendation)).joined(separator: "\n") + "\n"
  }

  /// The answer, what speaks for it, and the choices: what a report ends with.
  package static func lines(_ recommendation: Recommendation) -> [String] {
    let words = Advice(recommendation)
    var lines = ["Recommendation (\(recommendation.objective.rawValue))", "  \(words.answer)"]
    lines += words.why.map { "  \($0)" }
    lines += words.warnings.map { "  Note: \($0)" }
    if let step = words.nextStep { lines.append("  \(step)") }
    if !recommendation.choices.isEmpty { lines += [""] + choices(recommendation) }
    return lines
  }

  private static func choices(_ recommendation: Recommendation) -> [String] {
    let rows = recommendation.choices.map { choice in
      [choice.name.title] + choice.parameterTexts + [
        Numbers.percent(choice.shown.pollShare(of: recommendation.time)),
        choice.recorded != nil
          ? "measured"
          : choice.prediction.shown { Numbers.range($0.pollShare.range, Numbers.percent) },
        Numbers.time(choice.shown.meanLatency), choice.shownP99.shown(Numbers.time),
        recommendation.relativeCost(of: choice),
      ]
    }
    let header = [
      "", "halt_poll_ns", "grow", "start", "shrink", "polling", "between", "latency", "p99",
      "cost",
    ]
    return Table(header, rows).lines() + [
      "  polling: share of a CPU a vCPU; latency: mean a halt, and p99; cost: against the current setting's"
    ]
  }

  private static func details(_ recommendation: Recommendation) -> [String] {
    let words = Advice(recommendation)
    let objective = recommendation.objective
    var lines = ["", "Objective \(objective.rawValue): \(objective.explanation)"]
    if let most = recommendation.maxPollShare {
      lines.append("  polling limited to \(Numbers.percent(most)) of a CPU a vCPU")
    }
    if let limit = recommendation.promise?.limit {
      lines.append("  the least polling that keeps a \(limit.words), whatever the cost")
    }
    if recommendation.halts > 0 { lines += evidence(recommendation) }
    if !recommendation.perVM.isEmpty {
      lines += ["", "A ceiling per VM (KVM_CAP_HALT_POLL)"]
      lines += recommendation.perVM.map { "  \(words.why($0))" }
    }
    if !recommendation.alternatives.isEmpty { lines += alternatives(recommendation, words) }
    if !words.apply.isEmpty {
      lines += ["", "To apply, as root"] + words.apply.map { "  \($0)" }
      lines += ["To undo"] + words.undo.map { "  \($0)" }
    }
    return lines
  }

  private static func evidence(_ recommendation: Recommendation) -> [String] {
    let objective = recommendation.objective
    let fidelity = recommendation.fidelity
    var lines = ["", "Evidence"]
    lines.append(
      "  \(Numbers.grouped(recommendation.halts)) halts in \(Numbers.time(recommendation.time)) of "
        + "vCPU time; \(Numbers.grouped(fidelity.reproduced)) of "
        + "\(Numbers.grouped(fidelity.recorded)) decisions reproduced")
    if recommendation.recordedUnder.count > 1 {
      lines.append("  recorded under \(Advice.words(recommendation.recordedUnder))")
    }
    if let holdout = recommendation.holdout {
      lines.append(
        "  the best of the first half costs \(Numbers.fixed(holdout.costRatio, 2)) times the current "
          + "setting on the second half")
    }
    if let gain = recommendation.worstGain {
      let now = max(1, objective.cost(recommendation.current.outcome))
      lines.append(
        "  worst case over all assumptions: the best saves "
          + "\(Numbers.percent(gain.near / now)) of the cost; if the scheduler places tasks "
          + "differently, \(Numbers.percent(gain.far / now))")
    }
    return lines
  }

  private static func alternatives(_ recommendation: Recommendation, _ words: Advice) -> [String] {
    let alternatives = recommendation.alternatives
    let halts = Double(max(1, recommendation.halts))
    let table = Table(
      ["", "CPU", "latency"],
      alternatives.map {
        [$0.title, Numbers.percent($0.cpuShare), Numbers.time($0.latencySum / halts)]
      }
    ).lines()
    return ["", "Other uses of the idle time", table[0]]
      + zip(table.dropFirst(), alternatives).map { "\($0)  \(words.verdict(of: $1))" }
      + alternatives.filter { $0.name != .guestHaltPollBest }
      .map { "  \($0.title) needs \($0.needs)." }
  }
}
