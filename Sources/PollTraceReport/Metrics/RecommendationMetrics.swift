internal import PollTrace
internal import PollTraceReplay

extension TraceMetrics {
  /// What the last recording leads to; `time` in s since 1970.
  static func families(_ recommendation: Recommendation?, _ time: UInt64) -> [MetricFamily] {
    let words = ["change", "keep", "none"]
    let word =
      switch recommendation?.verdict {
      case .change: "change"
      case .keep: "keep"
      case .some(.none), nil: "none"
      }
    let common: [MetricFamily] = [
      .one(
        "polltrace_recommendation_timestamp_seconds", .gauge, unit: .seconds,
        "When the last recording was read, in Unix time.", .count(time)),
      MetricFamily(
        name: "polltrace_recommendation_verdict", kind: .gauge,
        help:
          "1 for what the last recording leads to: change, keep, or none (it carries no advice).",
        samples: words.map {
          .init(labels: [("verdict", Untrusted($0))], value: .count($0 == word ? 1 : 0))
        }),
    ]
    guard let recommendation, let recommended = recommendation.recommended else { return common }
    return common
      + HostMetrics.settings(
        "polltrace_recommendation_", "as polltrace recommend has it",
        recommended.parameters?.values.map { $0 } ?? [])
      + predicted(recommendation, recommended)
  }

  private static func predicted(
    _ recommendation: Recommendation, _ recommended: Choice
  ) -> [MetricFamily] {
    let settings = [("current", recommendation.current), ("recommended", recommended)]
    let shares = settings.map { ($0.0, bounds(share: $0.1, recommendation.time)) }
    let latencies = settings.map { ($0.0, bounds(latency: $0.1)) }
    func family(
      _ name: String, _ unit: MetricFamily.Unit, _ help: String, _ values: [(String, [Double])]
    )
      -> MetricFamily
    {
      MetricFamily(
        name: name, kind: .gauge, unit: unit, help: help,
        samples: values.flatMap { setting, values in
          zip(["low", "predicted", "high"], values).map {
            .init(
              labels: [("setting", Untrusted(setting)), ("bound", Untrusted($0))], value: .real($1))
          }
        })
    }
    // Each end against the other's far end: no narrower than both intervals allow.
    let (now, then) = (shares[0].1, shares[1].1)
    let saved = [now[0] - then[2], now[1] - then[1], now[2] - then[0]]
    return [
      family(
        "polltrace_recommendation_poll_cpu_ratio", .ratio,
        "Share of a CPU per vCPU in polls in the last recording, and predicted of the recommended setting.",
        shares),
      family(
        "polltrace_recommendation_wake_latency_seconds", .seconds,
        "Mean wake-up latency of a halt in the last recording, and predicted of the recommended setting.",
        latencies),
      MetricFamily(
        name: "polltrace_recommendation_poll_cpu_saved_ratio", kind: .gauge, unit: .ratio,
        help: "Share of a CPU per vCPU that the recommended setting is predicted to save.",
        samples: zip(["low", "predicted", "high"], saved).map {
          .init(labels: [("bound", Untrusted($0))], value: .real($1))
        }),
    ]
  }

  /// The lowest, the predicted and the highest share of the vCPUs' time; of what was measured, the same.
  private static func bounds(share choice: Choice, _ time: Double) -> [Double] {
    if let recorded = choice.recorded {
      return [Double](repeating: recorded.pollShare(of: time), count: 3)
    }
    guard let share = choice.prediction?.pollShare else {
      return [Double](repeating: choice.outcome.pollShare(of: time), count: 3)
    }
    return [share.range.lowerBound, share.value, share.range.upperBound]
  }

  /// The same of the mean latency, in s.
  private static func bounds(latency choice: Choice) -> [Double] {
    if let recorded = choice.recorded {
      return [Double](repeating: recorded.meanLatency / 1e9, count: 3)
    }
    let mean = choice.outcome.meanLatency / 1e9
    guard let latency = choice.prediction?.latency, choice.outcome.halts > 0 else {
      return [Double](repeating: mean, count: 3)
    }
    let scale = 1e9 * Double(choice.outcome.halts)
    return [latency.range.lowerBound / scale, mean, latency.range.upperBound / scale]
  }
}
