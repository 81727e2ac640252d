internal import PollTrace

extension GuestReport.CPUReport {
  /// One CPU of a guest in the report's JSON.
  func json(trace: Int) -> JSONObject {
    ["trace": trace, "cpu": cpu.rawValue] + figures.json
  }
}

extension IdleFigures {
  /// The figures of a CPU or of all together.
  var json: JSONObject {
    [
      "duration_ns": time?.rawValue, "idles": idles, "polled": polled, "halted": halted,
      "idle_wakes": idleWakes, "grows": grows, "shrinks": shrinks, "idle_ns": idle.json,
      "poll_ns": poll.json, "halt_ns": halt.json, "poll_success_ns": successTime.rawValue,
      "poll_fail_ns": failTime.rawValue, "wake_latency_ns": wakeLatency.json,
      "window_ns": windows.json,
      "decisions": [
        "recorded": fidelity.recorded, "reproduced": fidelity.reproduced,
        "at_edge": fidelity.atEdge, "delayed": fidelity.delayed,
        "contradicted": fidelity.contradicted,
        "unknown": fidelity.unknown,
      ] as JSONObject,
      "gaps": gaps,
    ]
  }
}

extension GuestPollLimit.Parameters {
  /// One set of parameters, under the kernel's names.
  var json: JSONObject {
    let lengths: [UInt32] = [most, grow, growStart, shrink]
    let numbers = zip(Self.names, lengths).map { ($0, $1) }
    return JSONObject(numbers) + ["guest_halt_poll_allow_shrink": allowsShrink]
  }
}

extension GuestReport {
  /// The parameters in the beginning, and where they are known from.
  var parametersJSON: JSONObject {
    let known = zip(GuestPollLimit.Parameters.names, sources.parameters).map { ($0, $1.rawValue) }
    return parameters.json + [
      "source": sources.overall.rawValue, "sources": JSONObject(known),
      "rules": settings.rules.name,
    ]
  }

  var changesJSON: [JSONObject] {
    settings.changes.dropFirst().map {
      ["since_ns": $0.since.rawValue] + $0.parameters.json
    }
  }
}

extension GuestFacts {
  var json: JSONObject {
    ["driver": driver, "governor": governor, "states": states]
  }
}
