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
      case .guest(let value) where advice.givenToGuest != nil: write(value, to: &section)
      default:
        section.element("h2", "Recommendation")
        section.element("p", ["class": "verdict"], "None: \(advice.whyNot ?? "")")
        write(recorded, to: &section)
      }
    }
  }

  private func write(_ value: Recommendation, to section: inout Markup) {
    let words = Advice(value)
    section.element("h2", "Recommendation (\(value.objective.rawValue))")
    section.element("p", ["class": "verdict"], words.answer)
    section.lead("Objective \(value.objective.rawValue): \(value.objective.explanation).")
    write(value.verdict == .change ? effect(value) : recorded, to: &section)
    let doubts = doubts(value) + [words.nextStep].compactMap(\.self)
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
        details.commands(words.apply, ["id": "apply"])
        details.commands(words.undo, ["id": "undo"])
      }
    }
  }

  private func write(_ value: GuestRecommendation, to section: inout Markup) {
    section.element("h2", "Recommendation for this guest (\(value.objective.rawValue))")
    section.element("p", ["class": "verdict"], GuestAdviceReport.answer(value))
    section.lead("Objective \(value.objective.rawValue): \(value.objective.explanation).")
    let isChange = value.verdict == .change
    write(isChange ? effect(value) : recordedInGuest, to: &section)
    section.element("h3", "Before acting")
    section.list(
      [GuestReplayReport.latencyBasis(value.guest), GuestAdviceReport.hostsPolling].map(\.unbroken)
    )
    guard isChange, let then = value.recommended?.parameters else { return }
    let now = value.current.parameters
    section.element("details") { details in
      details.element("summary", "To apply, and to undo, as root")
      details.commands(GuestAdviceReport.apply(from: now, to: then), ["id": "apply"])
      details.commands(GuestAdviceReport.apply(from: then, to: now), ["id": "undo"])
    }
  }

  private func effect(_ value: GuestRecommendation) -> [Fact] {
    guard let then = value.recommended?.prediction else { return [] }
    let now = value.current.prediction.outcome
    return effect(
      from: now, to: then.outcome, then, "Polling, share of a CPU", value.guest.time,
      value.objective)
  }

  private typealias Fact = (name: String, value: String, note: String)

  private func effect(_ value: Recommendation) -> [Fact] {
    guard let then = value.recommended, let doubt = then.prediction else { return [] }
    var facts = effect(
      from: value.current.shown, to: then.outcome, doubt, "Polling, share of a CPU per vCPU",
      value.time, value.objective, costBefore: value.objective.cost(value.current.outcome))
    facts.insert(contentsOf: tail(value), at: 2)
    return facts
  }

  /// What changes `before` into `after`, of which `doubt` says how far it may be off.
  private func effect(
    from before: PollOutcome, to after: PollOutcome, _ doubt: Prediction, _ polling: String,
    _ time: Double, _ objective: Objective, costBefore: Double? = nil
  ) -> [Fact] {
    let costBefore = max(1, costBefore ?? objective.cost(before))
    let share = { (outcome: PollOutcome) in Numbers.percent(outcome.pollShare(of: time)) }
    let mean = { (sum: Double) in Numbers.time(sum / Double(max(1, after.halts))) }
    let cost = { (cost: Double) in Numbers.percent(cost / costBefore - 1) }
    let between = { (estimate: Prediction.Estimate, write: (Double) -> String) in
      "between " + Numbers.range(estimate.range, between: " and ", write)
    }
    return [
      (
        polling, "\(share(before)) → \(share(after))",
        between(doubt.pollShare, Numbers.percent)
      ),
      (
        "Wake-up latency, mean",
        "\(Numbers.time(before.meanLatency)) → \(Numbers.time(after.meanLatency))",
        between(doubt.latency, mean)
      ),
      (
        "Cost (\(objective.rawValue))", cost(objective.cost(after)), between(doubt.cost, cost)
      ),
    ]
  }

  /// The latency that one halt in a hundred exceeds.
  private func tail(_ value: Recommendation) -> [Fact] {
    guard let before = value.current.shownP99,
      let after = value.recommended?.prediction?.wakeLatency?.p99
    else { return [] }
    return [
      (
        "Wake-up latency, p99", "\(Numbers.time(before)) → \(Numbers.time(after.value))",
        "between " + Numbers.range(after.range, between: " and ", Numbers.time)
      )
    ]
  }

  /// What decisions tell by themselves, of traces without wake-ups.
  private var decided: [Fact] {
    let total = report.total
    let fidelity = total.fidelity
    return [
      (
        "Widest window", total.windows.widestKnown.shown(Numbers.exactTime),
        "halts, and what they cost, are not known"
      ),
      (
        "Grows", Numbers.grouped(total.measures.grows),
        "shrinks \(Numbers.grouped(total.measures.shrinks))"
      ),
      (
        "Decisions reproduced", Numbers.grouped(fidelity.reproduced),
        "of \(Numbers.grouped(fidelity.recorded)), by their old and new window"
      ),
    ]
  }

  /// What was recorded, where nothing is to be changed.
  private var recorded: [Fact] {
    if report.isGuests { return recordedInGuest }
    let total = report.total
    if !total.wakeupsAreRecorded { return decided }
    let counters = total.kernelCounters
    let polls = total.pollShares
    return [
      (
        "Polling, share of a CPU per vCPU", polls.shown { Numbers.percent($0.success + $0.failed) },
        "failed \((polls?.failed).shown(Numbers.percent))"
      ),
      (
        "Successful polls",
        counters.attemptedPolls == 0
          ? Numbers.unknown
          : Numbers.percent(Double(counters.successfulPolls) / Double(counters.attemptedPolls)),
        "of \(Numbers.grouped(counters.attemptedPolls)) attempted"
      ),
      latencyNow,
    ]
  }

  /// The same of a guest.
  private var recordedInGuest: [Fact] {
    let total = report.guestTotal
    let polls = total.pollShares
    return [
      (
        "Polling, share of a CPU", polls.shown { Numbers.percent($0.success + $0.failed) },
        "failed \((polls?.failed).shown(Numbers.percent))"
      ),
      (
        "Polls that met their event",
        total.polls == 0
          ? Numbers.unknown : Numbers.percent(Double(total.polled) / Double(total.polls)),
        "of \(Numbers.grouped(total.polls))"
      ),
      (
        "Latency of a halt", total.wakeLatency.mean.shown(Numbers.time),
        "mean of \(Numbers.grouped(total.wakeLatency.count)) that another CPU's interrupt ended"
      ),
    ]
  }

  /// The mean wake-up latency as measured: of all halts, or, where none was replayed, of those that slept.
  private var latencyNow: Fact {
    let slept = report.total.measures.wakeLatency
    guard slept.count > 0 else { return ("Wake-up latency, mean", Numbers.unknown, "not recorded") }
    let most = "99 % of those that slept within \(slept.quantile(0.99).shown(Numbers.time))"
    guard case .recommendation(let value) = advice, let all = value.current.recorded,
      all.halts > 0
    else {
      return (
        "Wake-up latency of halts that slept", slept.mean.shown(Numbers.time), "mean; \(most)"
      )
    }
    return ("Wake-up latency, mean", Numbers.time(all.meanLatency), "of all halts; \(most)")
  }

  private func write(_ facts: [Fact], to section: inout Markup) {
    guard !facts.isEmpty else { return }
    let gaps = report.isGuests ? report.guestTotal.gaps : report.total.gaps
    section.element("dl", ["class": "facts"]) { list in
      for fact in facts {
        list.element("div") { item in
          item.element("dt", LossMark.marked(fact.name, gaps: gaps))
          item.element("dd") { value in
            value.text(fact.value.unbroken)
            value.element("small", fact.note.unbroken)
          }
        }
      }
    }
    if let legend = VCPUList.legend(gaps: gaps) {
      section.lead(legend)
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
