internal import PollTrace

extension BothSides {
  /// A guest's recording beside its host's, in the report's JSON.
  var json: JSONObject {
    [
      "host_trace": host, "guest_trace": guest,
      "vm": vm.map { ["pid": $0.process?.rawValue, "name": $0.vm] as JSONObject },
      "match": match?.rawValue, "why_no_match": stranger?.rawValue, "clock": alignment.json,
      "pairs": pairs.map(\.json), "timeline": timeline?.json, "polls_now": costs?.now?.rawValue,
      "costs": costs?.choices.map(\.json) ?? [], "costs_by_host": costs?.byHost.map(\.json) ?? [],
    ]
  }
}

extension BothSides.Pair {
  fileprivate var json: JSONObject {
    let shares = SideShares(cpu.figures, vcpu.figures, common)
    return [
      "vcpu": vcpu.identity.vcpu, "tid": vcpu.identity.thread.rawValue, "cpu": cpu.cpu.rawValue,
      "idle_share": shares.idle, "guest_poll_share": shares.guest,
      "host_poll_share": shares.host, "guest_poll_of_idle": shares.guestOfIdle,
      "host_poll_of_idle": shares.hostOfIdle, "halts": vcpu.figures.measures.halts,
      "refused": vcpu.figures.fidelity.refused,
    ]
  }
}

extension BothSides.Alignment {
  fileprivate var json: JSONObject {
    switch self {
    case .known(let offset, let isOption, let fit):
      [
        "aligned": true, "offset_ns": offset.rawValue,
        "source": isOption ? "option" : "same_machine",
      ]
        + Self.json(fit)
    case .refuted(let offset, let fit):
      ["aligned": false, "offset_ns": offset.rawValue, "source": "option"] + Self.json(fit)
    case .unknown:
      ["aligned": false, "offset_ns": nil as Int64?, "source": nil as String?] + Self.json(nil)
    }
  }

  private static func json(_ fit: BothSides.Fit?) -> JSONObject {
    ["halts_checked": fit?.halts, "halts_that_fit": fit?.fit, "fit_by_chance": fit?.byChance]
  }
}

extension SideTimeline {
  fileprivate var json: JSONObject {
    let bins = 0..<axis.bins
    return [
      "begin_ns": axis.begin.rawValue, "end_ns": axis.end.rawValue,
      "idle_share": bins.map { share(idle, in: $0) },
      "guest_poll_share": bins.map { share(byGuest, in: $0) },
      "host_poll_share": bins.map { share(byHost, in: $0) },
    ]
  }
}

extension SideCosts.Choice {
  fileprivate var json: JSONObject {
    [
      "polls": side.rawValue, "setting": setting, "poll_share": pollShare.value,
      "poll_share_low": pollShare.range.lowerBound, "poll_share_high": pollShare.range.upperBound,
      "wake_latency_mean_ns": latency.value,
      "wake_latency_mean_ns_low": latency.range.lowerBound,
      "wake_latency_mean_ns_high": latency.range.upperBound, "cost_ns": cost.value,
      "cost_ns_low": cost.range.lowerBound, "cost_ns_high": cost.range.upperBound,
    ]
  }
}
