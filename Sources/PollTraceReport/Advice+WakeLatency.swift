internal import PollTrace
internal import PollTraceReplay

extension Advice {
  /// How far the limit of wake-up latency is kept, and what could keep it where no setting does.
  var kept: [String] {
    guard let promise = value.promise else { return [] }
    var lines: [String] = []
    let statistic = promise.limit.statistic
    if let recommended = value.recommended {
      let measured = recommended.recordedLatencies.map { $0[statistic] }
      let estimate = recommended.prediction?.wakeLatency?[statistic]
      let latency =
        measured.map { "measured at \(Numbers.time($0))" }
        ?? estimate.map { "predicted at \(Numbers.time($0.value)), \(Self.between($0.range))" }
      lines.append(
        "\(promise.limit.sentence); \(latency ?? "not known"). "
          + (promise.recommended ?? promise.current).sentence)
    } else if let lowest = promise.lowest {
      lines.append(
        "\(promise.limit.sentence); the lowest is \(Numbers.time(lowest.latency.value)) "
          + "(\(Self.between(lowest.latency.range))), under \(TextReport.words(lowest.parameters))."
      )
      lines += promise.remedies.map { remedy(promise.limit, $0) }
      if promise.remedies.isEmpty {
        lines.append("Nothing else that is known here keeps it either: the limit is too low.")
      }
    }
    return lines
  }

  /// Both ends, where there are both.
  static func between(_ range: ClosedRange<Double>) -> String {
    Numbers.range(range, between: " to ", Numbers.time)
  }

  private func remedy(_ limit: WakeLatencyLimit, _ remedy: Promise.Remedy) -> String {
    let name = limit.statistic.title
    switch remedy {
    case .pinning(let parameters, let latency):
      return
        "Without other tasks on the vCPUs' CPUs \(TextReport.words(parameters)) could: \(name) of "
        + "\(Numbers.time(latency)), replayed. Pin vCPUs, and keep other tasks off their CPUs."
    case .alternative(let alternative, let latency):
      let basis = alternative.assumedLatency == nil ? "replayed" : "assumed"
      return "\(alternative.title) could: \(name) of \(Numbers.time(latency)), \(basis), for "
        + "\(Numbers.percent(alternative.cpuShare)) of a CPU a vCPU. It needs \(alternative.needs)."
    }
  }
}

extension WakeLatencyLimit {
  /// `p99 of wake-up latency of 50 µs or less`.
  var words: String {
    let name = statistic == .mean ? "mean wake-up latency" : "\(statistic.title) of wake-up latency"
    return "\(name) of \(Numbers.exactTime(most.rawValue)) or less"
  }

  /// The begin of a sentence about it.
  var sentence: String { "Limit: \(words)" }
}

extension Promise.Keeping {
  /// What that means for a user.
  var sentence: String {
    switch self {
    case .kept: "The limit is kept."
    case .keptAsPlaced:
      "The limit is kept as long as the scheduler places tasks as in this recording: pin vCPUs to be sure."
    case .likely: "The limit is probably kept: part of the range lies beyond it."
    case .broken: "The limit is not kept."
    }
  }
}

extension Promise {
  /// The promise of a recommendation in JSON.
  var json: JSONObject {
    let lowest: JSONObject? = lowest.map {
      [
        "parameters": $0.parameters.json, "ns": $0.latency.value,
        "ns_low": $0.latency.range.lowerBound, "ns_high": $0.latency.range.upperBound,
      ]
    }
    let remedies: [JSONObject] = remedies.map { remedy in
      switch remedy {
      case .pinning(let parameters, let latency):
        ["name": "pinning", "parameters": parameters.json, "ns": latency, "assumed": false]
      case .alternative(let alternative, let latency):
        [
          "name": alternative.name.rawValue, "ns": latency,
          "assumed": alternative.assumedLatency != nil,
        ]
      }
    }
    return [
      "statistic": limit.statistic.rawValue, "limit_ns": limit.most.rawValue,
      "current": current.rawValue, "recommended": recommended?.rawValue, "lowest": lowest,
      "remedies": remedies,
    ]
  }
}
