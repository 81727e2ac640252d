package import PollTrace
package import PollTraceReplay

/// Another setting of a guest's own polling, predicted: as text and as JSON.
package enum GuestReplayReport {
  /// Recorded and predicted side by side, then each CPU.
  package static func text(
    _ guest: GuestReplay, under setting: GuestPollLimit.Parameters, _ objective: Objective
  ) -> String {
    let predictions = guest.predict([setting], weight: objective.latencyWeight)
    let (recorded, predicted, time) = (guest.recorded, predictions.total(setting), guest.time)
    let outcome = predicted.outcome
    let mean = { (sum: Double) in Numbers.time(sum / Double(max(1, outcome.halts))) }
    let perSecond = { (cost: Double) in Numbers.time(time > 0 ? cost / time * 1e9 : 0) }
    func estimate(
      _ estimate: Prediction.Estimate, _ write: (Double) -> String
    ) -> [String] { [write(estimate.value), Numbers.range(estimate.range, write)] }
    var lines = [
      "recorded under  \(guest.parameters.words)" + (guest.settingsChanged ? ", at the end" : ""),
      "predicted under \(setting.words); rules of \(guest.rules.name)", "",
    ]
    lines += Table(
      ["", "recorded", "predicted", "between"],
      [
        ["idle times", Numbers.grouped(recorded.halts), Numbers.grouped(outcome.halts)],
        ["ended while polling", Numbers.percent(recorded.hitRate)]
          + estimate(predicted.hitRate, Numbers.percent),
        ["polling, share of a CPU", Numbers.percent(recorded.pollShare(of: time))]
          + estimate(predicted.pollShare, Numbers.percent),
        ["wake-up latency, mean", Numbers.time(recorded.meanLatency)]
          + estimate(predicted.latency, mean),
        ["cost (\(objective.rawValue)) a second", perSecond(objective.cost(recorded))]
          + estimate(predicted.cost, perSecond),
      ]
    ).lines()
    if guest.cpus.count > 1 {
      let rows = zip(guest.cpus, predictions.each(setting)).map { cpu, prediction in
        [
          "CPU \(cpu.cpu.rawValue)", Numbers.percent(cpu.recorded.hitRate),
          Numbers.percent(cpu.recorded.pollShare(of: cpu.time)),
        ] + estimate(prediction.hitRate, Numbers.percent)
          + estimate(prediction.pollShare, Numbers.percent)
      }
      lines.append("")
      lines += Table(
        ["CPU", "hits", "polling", "hits then", "between", "polling then", "between"], rows
      ).lines()
    }
    return (lines + ["", latencyWords(guest)]).joined(separator: "\n") + "\n"
  }

  /// What wake-up latencies rest on.
  static func latencyWords(_ guest: GuestReplay) -> String { "  " + latencyBasis(guest) }

  /// The same as a sentence.
  static func latencyBasis(_ guest: GuestReplay) -> String {
    let measured = guest.cpus.compactMap(\.measuredLatency)
    guard !measured.isEmpty else {
      return "The latency of a halt was not recorded: 30 µs are assumed."
    }
    let halts = measured.reduce(0) { $0 + $1.halts }
    let medians = measured.map { Numbers.time($0.median) }.joined(separator: ", ")
    let rest =
      measured.count < guest.cpus.count ? "; 30 µs are assumed for CPUs without such halts" : ""
    return
      "The latency of a halt: \(medians), from \(Numbers.grouped(halts)) halts that another CPU's"
      + " interrupt ended\(rest); others are taken to be as late."
  }

  /// Schema `polltrace.replay/1`.
  package static func json(
    _ guest: GuestReplay, under setting: GuestPollLimit.Parameters, _ objective: Objective
  ) -> String {
    let predictions = guest.predict([setting], weight: objective.latencyWeight)
    let rules: JSONObject = ["rules": guest.rules.name]
    let body: JSONObject = [
      "schema": "polltrace.replay/1", "side": "guest", "parameters": setting.json + rules,
      "recorded_parameters": guest.parameters.json + rules, "objective": objective.rawValue,
      "recorded": guest.recorded.json(guest.time, objective),
      "predicted": predictions.total(setting).json(guest.time, objective),
      "cpus": zip(guest.cpus, predictions.each(setting)).map { cpu, prediction in
        [
          "path": cpu.path, "cpu": cpu.cpu.rawValue,
          "wake_source": cpu.replay?.source.kind.rawValue,
          "latency_measured_of": cpu.measuredLatency?.halts,
          "latency_ns_p50": cpu.measuredLatency?.median,
          "recorded": cpu.recorded.json(cpu.time, objective),
          "predicted": prediction.json(cpu.time, objective),
        ] as JSONObject
      },
    ]
    return body.text
  }
}
