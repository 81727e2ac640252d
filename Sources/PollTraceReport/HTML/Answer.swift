internal import PollTrace
internal import PollTraceReplay

/// The top of the page: what to do, with its effect and its doubt, or why nothing.
struct Answer {
  let report: Report
  let advice: ReportAdvice

  func write(to page: inout Markup) {
    page.element("section", ["class": "answer", "id": "answer"]) { section in
      switch advice {
      case .recommendation(let value) where advice.given != nil: write(value, to: &section)
      default:
        section.element("h2", "Recommendation")
        section.element("p", ["class": "verdict"], "None: \(advice.whyNot ?? "")")
        writeRecorded(to: &section)
      }
    }
  }

  private func write(_ value: Recommendation, to section: inout Markup) {
    let words = Advice(value)
    section.element("h2", "Recommendation (\(value.objective.rawValue))")
    section.element("p", ["class": "verdict"], words.answer)
    if value.verdict == .change {
      writeEffect(value, to: &section)
    } else {
      writeRecorded(to: &section)
    }
    let doubts = doubts(value)
    for (title, lines) in [
      ("Why", words.why), ("How sure", doubts), ("Before acting", words.warnings),
      ("A ceiling per VM (KVM_CAP_HALT_POLL)", value.perVM.map(words.why)),
    ] where !lines.isEmpty {
      section.element("h3", title)
      section.list(lines.map(\.unbroken))
    }
    if !words.apply.isEmpty {
      section.element("details") { details in
        details.element("summary", "To apply, and to undo, as root")
        details.element("pre", words.apply.joined(separator: "\n"))
        details.element("pre", words.undo.joined(separator: "\n"))
      }
    }
  }

  private func writeEffect(_ value: Recommendation, to section: inout Markup) {
    guard let then = value.recommended, let doubt = then.prediction else { return }
    let (before, after) = (value.current.recorded ?? value.current.outcome, then.outcome)
    let costBefore = max(1, value.objective.cost(value.current.outcome))
    let share = { (outcome: PollOutcome) in
      Numbers.percent(value.time > 0 ? Double(outcome.pollTime) / value.time : 0)
    }
    let mean = { (sum: Double) in Numbers.time(sum / Double(max(1, after.halts))) }
    let cost = { (cost: Double) in
      Numbers.percent(cost / costBefore - 1)
    }
    writeFacts(
      [
        (
          "Polling, share of a CPU a vCPU", "\(share(before)) → \(share(after))",
          "between \(Numbers.percent(doubt.pollShare.range.lowerBound)) and "
            + Numbers.percent(doubt.pollShare.range.upperBound)
        ),
        (
          "Wake-up latency, mean",
          "\(Numbers.time(Double(before.latency) / Double(max(1, before.halts)))) → "
            + mean(Double(after.latency)),
          "between \(mean(doubt.latency.range.lowerBound)) and "
            + mean(doubt.latency.range.upperBound)
        ),
        (
          "Cost (\(value.objective.rawValue))", cost(value.objective.cost(after)),
          "between \(cost(doubt.cost.range.lowerBound)) and \(cost(doubt.cost.range.upperBound))"
        ),
      ], to: &section)
  }

  /// What was recorded, where nothing is to be changed.
  private func writeRecorded(to section: inout Markup) {
    let total = report.total
    let counters = total.kernelCounters
    let isKnown = total.unknownWindows == 0
    let polling = isKnown ? total.share(counters.successfulPollTime + counters.failedPollTime) : nil
    let failed = isKnown ? total.share(counters.failedPollTime) : nil
    let latency = total.measures.wakeLatency
    writeFacts(
      [
        (
          "Polling, share of a CPU a vCPU", polling.shown(Numbers.percent),
          "in vain \(failed.shown(Numbers.percent))"
        ),
        (
          "Successful polls",
          counters.attemptedPolls == 0
            ? Numbers.unknown
            : Numbers.percent(Double(counters.successfulPolls) / Double(counters.attemptedPolls)),
          "of \(Numbers.grouped(counters.attemptedPolls)) attempted"
        ),
        (
          "Wake-up latency of halts that slept", latency.mean.shown(Numbers.time),
          latency.count == 0
            ? "not recorded"
            : "mean; 99 % within \(latency.quantile(0.99).shown { Numbers.time(Double($0)) })"
        ),
      ], to: &section)
  }

  private func writeFacts(
    _ facts: [(name: String, value: String, note: String)], to section: inout Markup
  ) {
    section.element("dl", ["class": "facts"]) { list in
      for fact in facts {
        list.element("div") { item in
          item.element("dt", LossMark.marked(fact.name, report.total))
          item.element("dd") { value in
            value.text(fact.value.unbroken)
            value.element("small", fact.note.unbroken)
          }
        }
      }
    }
    if let legend = VCPUList.legend(report.total) {
      section.element("p", ["class": "lead"], legend)
    }
  }

  /// What speaks for trusting the answer, and against.
  private func doubts(_ value: Recommendation) -> [String] {
    var lines = [
      "\(Numbers.grouped(value.halts)) halts in \(Numbers.time(value.time)) of vCPU time; "
        + "\(Numbers.grouped(value.fidelity.reproduced)) of "
        + "\(Numbers.grouped(value.fidelity.recorded)) decisions of the kernel reproduced."
    ]
    if let holdout = value.holdout {
      lines.append(
        "What fits the first half of the recording best costs "
          + "\(Numbers.fixed(holdout.costRatio, 2)) times the current setting's on the second half."
      )
    }
    let now = value.objective.cost(value.current.outcome)
    if let gain = value.worstGain, now > 0 {
      lines.append(
        "Worst case over all assumptions: the best setting saves "
          + "\(Numbers.percent(gain.near / now)) of the cost; if the scheduler places tasks "
          + "differently, \(Numbers.percent(gain.far / now)).")
    }
    return lines
  }
}

extension String {
  /// The same with each number kept on one line with its unit.
  fileprivate var unbroken: String {
    var words = split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    for index in words.indices.dropFirst().reversed() {
      let unit = words[index].prefix { $0 == "%" || $0.isLetter }
      guard ["%", "ns", "µs", "ms", "s"].contains(unit), words[index - 1].last?.isNumber == true
      else { continue }
      words[index - 1] += "\u{a0}" + words.remove(at: index)
    }
    return words.joined(separator: " ")
  }
}
