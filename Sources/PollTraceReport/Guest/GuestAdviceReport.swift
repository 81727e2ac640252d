internal import PollTrace
package import PollTraceReplay

/// A recommendation for a guest's own polling, and the sweep that it was chosen from.
package enum GuestAdviceReport {
  /// The recommendation as text, with the lines that set it.
  package static func text(_ advice: GuestRecommendation) -> String {
    lines(advice).joined(separator: "\n") + "\n"
  }

  /// Why there is no answer.
  static func whyNone(_ advice: GuestRecommendation) -> String? {
    guard case .none(let lacks) = advice.verdict else { return nil }
    return lacks.map(words).joined(separator: "; ") + "."
  }

  /// What to set or keep, and why, in a line.
  package static func answer(_ advice: GuestRecommendation) -> String {
    switch advice.verdict {
    case .none: "None: \(whyNone(advice) ?? "")"
    case .keep(let reason): "Keep \(advice.current.parameters.words): \(words(reason))."
    case .change: "Set \((advice.recommended ?? advice.current).parameters.words)"
    }
  }

  /// What the setting of `choice` is predicted to do, with its interval, in a line.
  package static func promise(
    _ advice: GuestRecommendation, of choice: GuestRecommendation.Choice
  ) -> String {
    let prediction = choice.prediction
    return CostPromise.words(
      advice.objective, now: advice.objective.cost(advice.current.prediction.outcome), prediction)
      + " of the CPUs' time"
  }

  static func lines(_ advice: GuestRecommendation) -> [String] {
    let time = advice.guest.time
    var lines = ["Recommendation for this guest (\(advice.objective.rawValue))"]
    lines.append("  " + answer(advice))
    if case .none = advice.verdict { return lines }
    if advice.verdict == .change, let parameters = advice.recommended?.parameters {
      lines += apply(from: advice.current.parameters, to: parameters).map { "    \($0)" }
    }
    lines.append("")
    lines += Table(
      ["", "setting", "polling", "hits", "latency", "cost/s"],
      advice.choices.map { choice in
        let prediction = choice.prediction
        return [
          choice.name.split(separator: "_").joined(separator: " "),
          choice.parameters.values.joined(separator: "/"),
          Numbers.percent(prediction.outcome.pollShare(of: time)),
          Numbers.percent(prediction.outcome.hitRate),
          Numbers.time(prediction.outcome.meanLatency),
          Numbers.time(time > 0 ? advice.objective.cost(prediction.outcome) / time * 1e9 : 0),
        ]
      }
    ).lines()
    if let holdout = advice.holdout {
      lines.append(
        "  fitted on the first half, cost on the second: \(Numbers.percent(holdout)) of the present one's"
      )
    }
    if advice.trialBlocks > 0 { lines.append("  " + Advice.words(trialBlocks: advice.trialBlocks)) }
    lines.append(GuestReplayReport.latencyWords(advice.guest))
    lines.append("  " + hostsPolling)
    return lines
  }

  /// What a guest's own polling means for its host.
  static let hostsPolling =
    "While its CPUs poll themselves, the host's polling is off for them (poll control), and the host"
    + " sees them run."

  /// The shell lines that lead from one setting to another.
  static func apply(
    from old: GuestPollLimit.Parameters, to new: GuestPollLimit.Parameters
  ) -> [String] {
    zip(GuestPollLimit.Parameters.names, zip(old.values, new.values)).compactMap { name, values in
      values.0 == values.1
        ? nil : "echo \(values.1) | sudo tee /sys/module/haltpoll/parameters/\(name)"
    }
  }

  private static func words(_ lack: Recommendation.Lack) -> String {
    switch lack {
    case .halts(let count, let least):
      "\(Numbers.grouped(count)) idle times, \(Numbers.grouped(least)) are needed"
    case .duration(let seconds, let least):
      "\(Numbers.fixed(seconds, 1)) s, \(Numbers.fixed(least, 0)) s are needed"
    case .lostEvents(let count): "\(Numbers.grouped(count)) events were lost"
    case .contradictions(let count):
      "\(Numbers.grouped(count)) halts contradict the rules"
    case .nothingReplayed, .nothingReached: "too few idle times of each CPU to replay"
    case .filtered: "the recorder left events out"
    case .decisionsNotRecorded: "decisions were not recorded"
    case .noSettingKeeps(let limit): "no setting that was tried keeps a \(limit.words)"
    }
  }

  static func words(_ reason: Recommendation.Reason) -> String {
    switch reason {
    case .isBest, .pollsLeast: "no other setting tried is better"
    case .pollsLittleLess(let share): "the best would save \(Numbers.percent(share)) of a CPU"
    case .tooLittle(let share): "the best would save \(Numbers.percent(share)) of the cost"
    case .withinChance(let share, let error):
      "the best may save \(Numbers.percent(share)) of the cost, with a standard error of"
        + " \(Numbers.percent(error))"
    case .dependsOnTheUnseen: "under an assumption that the recording leaves open the best is worse"
    case .failedHoldout(let ratio):
      "what fits the first half costs \(Numbers.percent(ratio)) on the second"
    }
  }

  /// Schema `polltrace.recommendation/1`.
  package static func json(_ advice: GuestRecommendation) -> String { object(advice).text }

  static func object(_ advice: GuestRecommendation) -> JSONObject {
    let (time, objective) = (advice.guest.time, advice.objective)
    func choice(_ choice: GuestRecommendation.Choice) -> JSONObject {
      [
        "name": choice.name, "parameters": choice.parameters.json,
        "predicted": choice.prediction.json(time, objective),
        "cost_ns": objective.cost(choice.prediction.outcome),
      ]
    }
    let (verdict, why): (String, String?) =
      switch advice.verdict {
      case .change: ("change", nil)
      case .keep(let reason): ("keep", words(reason))
      case .none(let lacks): ("none", lacks.map(words).joined(separator: "; "))
      }
    let (old, new) = (advice.current.parameters, advice.recommended?.parameters)
    let trial: JSONObject = advice.trialBlocks > 0 ? ["trial_blocks": advice.trialBlocks] : [:]
    return [
      "schema": "polltrace.recommendation/1", "side": "guest", "objective": objective.rawValue,
      "constraint": ["max_poll_cpu": advice.maxPollShare] as JSONObject, "verdict": verdict,
      "why": why, "current": choice(advice.current), "recommended": advice.recommended.map(choice),
      "choices": advice.choices.map(choice),
      "front": advice.front.map {
        ["parameters": $0.parameters.json, "predicted": $0.outcome.json(time, objective)]
          as JSONObject
      },
      "evidence": [
        "idles": advice.guest.cpus.reduce(0 as UInt64) { $0.plus($1.figures.idles) },
        "duration_ns": time, "holdout_cost_ratio": advice.holdout,
        "latency_measured_of": advice.guest.cpus.compactMap(\.measuredLatency?.halts)
          .reduce(0, +),
      ] + trial,
      "apply": new.map { apply(from: old, to: $0) } ?? [],
      "undo": new.map { apply(from: $0, to: old) } ?? [],
    ]
  }

  /// The front of a sweep as text, every setting as CSV or JSON.
  package static func sweepText(_ advice: GuestRecommendation) -> String {
    let (time, objective) = (advice.guest.time, advice.objective)
    let shown = advice.front.thinned(by: \.outcome)
    let lines =
      [
        "\(advice.rows.count) settings; \(shown.count) of the \(advice.front.count) that no other beats on"
          + " both poll CPU and wake-up latency:", "",
      ]
      + Table(
        GuestPollLimit.Parameters.shortNames + ["polling", "hits", "latency", "cost/s"],
        shown.map { row in
          row.parameters.values + [
            Numbers.percent(row.outcome.pollShare(of: time)), Numbers.percent(row.outcome.hitRate),
            Numbers.time(row.outcome.meanLatency),
            Numbers.time(time > 0 ? objective.cost(row.outcome) / time * 1e9 : 0),
          ]
        }
      ).lines()
    return lines.joined(separator: "\n") + "\n"
  }

  package static func sweepCSV(_ advice: GuestRecommendation) -> String {
    let names =
      GuestPollLimit.Parameters.names + ["cpus", "cpu_time_ns"] + PollOutcome.zero.sums.map(\.name)
    return
      ([names]
      + advice.rows.map { row in
        row.parameters.values
          + ["\(advice.guest.cpus.count)", "\(Int64(saturating: advice.guest.time))"]
          + row.outcome.sums.map { "\($0.value)" }
      }).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  package static func sweepJSON(_ advice: GuestRecommendation) -> String {
    let row = { (row: GuestRecommendation.Row) -> JSONObject in
      [
        "parameters": row.parameters.json,
        "predicted": row.outcome.json(advice.guest.time, advice.objective),
      ]
    }
    let body: JSONObject = [
      "schema": "polltrace.sweep/1", "side": "guest", "objective": advice.objective.rawValue,
      "settings": advice.rows.map(row), "front": advice.front.map(row),
    ]
    return body.text
  }
}
