internal import PollTrace

extension VCPUReport {
  /// One vCPU in the report's JSON: who it is, then the same keys as the total.
  func json(trace: Int) -> JSONObject {
    ["trace": trace, "identity": identity.source.rawValue, "ceiling_ns": ceilingJSON]
      + identity.json + figures.json
  }

  fileprivate var ceilingJSON: JSONObject {
    ["value": ceiling, "source": ceilingSource.rawValue]
  }
}

extension VCPUTotal {
  /// One vCPU over several traces: who it is, then the same keys.
  var json: JSONObject {
    ["traces": traces, "host": host, "boot": boot] + identity.json + figures.json
  }
}

extension Report {
  /// All vCPUs together: the ceiling that all of them have, null where they differ, and the same keys.
  var totalJSON: JSONObject {
    let vcpus = traces.flatMap(\.vcpus)
    let first = vcpus.first.flatMap { first in
      vcpus.allSatisfy { ($0.ceiling, $0.ceilingSource) == (first.ceiling, first.ceilingSource) }
        ? first.ceilingJSON : nil
    }
    return ["ceiling_ns": first] + total.json
  }
}

extension VCPUIdentity {
  /// Whom something is about.
  var json: JSONObject {
    [
      "vm": ["pid": process?.rawValue, "name": vm] as JSONObject, "vcpu": vcpu,
      "tid": thread.isKnown ? thread.rawValue : nil,
    ]
  }
}

extension Figures {
  /// The figures of a vCPU or of all together.
  var json: JSONObject {
    [
      "duration_ns": time?.rawValue, "halts": ifWoken(measures.halts),
      "polled": ifWoken(measures.polled), "waited": ifWoken(measures.slept),
      "invalid": ifWoken(measures.invalid), "grows": ifDecided(measures.grows),
      "shrinks": ifDecided(measures.shrinks), "block_ns": ifWoken(measures.block.json),
      "wake_latency_ns": ifWoken(measures.wakeLatency.json), "window_ns": windows.json,
      "kernel_counters": countersJSON,
      "abandoned_polls": [
        "count": ifBoth(account.abandoned.count), "polled_ns_p50": account.abandoned.median,
      ] as JSONObject,
      "decisions": fidelity.json,
      "wakers": [
        "interrupt": ifWoken(measures.wokenByInterrupt),
        "task_same_cpu": ifWoken(measures.wokenOnSameCPU),
        "task_elsewhere": ifWoken(measures.wokenFromElsewhere),
      ] as JSONObject,
      "gaps": gaps,
    ]
  }

  /// KVM's own per-vCPU statistics under their names in the binary statistics, and how many halts
  /// they leave out, because their window is not known.
  private var countersJSON: JSONObject {
    let counters = kernelCounters
    return [
      "halt_attempted_poll": ifBoth(counters.attemptedPolls),
      "halt_successful_poll": ifWoken(counters.successfulPolls),
      "halt_poll_invalid": ifWoken(counters.invalidPolls),
      "halt_poll_success_ns": ifWoken(counters.successfulPollTime.rawValue),
      "halt_poll_fail_ns": ifBoth(counters.failedPollTime.rawValue),
      "halt_wait_ns": ifBoth(counters.waitTime.rawValue),
      "halt_poll_success_hist": ifWoken(counters.successfulPollHistogram.counts),
      "halt_poll_fail_hist": ifBoth(counters.failedPollHistogram.counts),
      "halt_wait_hist": ifBoth(counters.waitHistogram.counts),
      "halts_left_out": ifWoken(unknownWindows),
    ]
  }
}

extension Histogram {
  /// A histogram with its usual summary; null where there is nothing to summarise.
  var json: JSONObject {
    let ends = count > 0 ? (least, most) : nil
    return [
      "count": count, "sum": sum, "min": ends?.0, "max": ends?.1, "mean": mean,
      "p50": quantile(0.5), "p90": quantile(0.9), "p99": quantile(0.99), "p999": quantile(0.999),
      "histogram": buckets(perOctave: 4).filter { $0.count > 0 }.map {
        ["ge": $0.from, "lt": $0.to, "count": $0.count] as JSONObject
      },
    ]
  }
}

extension WindowShares {
  var json: JSONObject {
    [
      "last": now?.window, "mean_by_halt": meanByHalt, "max": widestKnown,
      "time_at": shares.map { ["window_ns": $0.window, "share": $0.share] as JSONObject },
    ]
  }
}

extension Fidelity {
  fileprivate var json: JSONObject {
    [
      "recorded": recorded, "reproduced": reproduced, "contradicted": contradicted,
      "unknown": unknown, "refused": refused,
    ]
  }
}
