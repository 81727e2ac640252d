package import PollTrace

/// Counters as JSON, an object a line, schema `polltrace.top/1`.
package enum JSONTop {
  /// The first line: what the others are of.
  package static func meta(
    kernel: Untrusted, parameters: PollParameters?, interval: Nanoseconds,
    source: CountedVM.Source = .counters
  ) -> String {
    let body: JSONObject = [
      "type": "meta", "schema": "polltrace.top/1", "source": source.rawValue, "kernel": kernel,
      "parameters": parameters?.json, "interval_ns": interval.rawValue,
    ]
    return body.line
  }

  /// Parameters that are others than before.
  package static func parametersChanged(_ parameters: PollParameters?) -> String {
    let body: JSONObject = ["type": "parameters_changed", "parameters": parameters?.json]
    return body.line
  }

  /// What has become of a recording that a condition asked for.
  package static func recording(_ recording: TopRecording, at time: Timestamp) -> String {
    let body: JSONObject = [
      "type": "recording", "time": time.rawValue, "condition": recording.condition,
      "file": recording.file, "state": recording.state.rawValue,
      "vm": recording.row.map {
        ["pid": $0.process.rawValue, "name": $0.name.isEmpty ? nil : $0.name] as JSONObject
      }, "vcpu": recording.row?.vcpu,
    ]
    return body.line
  }

  /// The lines of a frame: each vCPU, each VM, the host.
  package static func lines(_ frame: CounterFrame, _ head: TopHead) -> String {
    let parameters = head.parameters
    let all =
      frame.vms.flatMap { objects(of: $0, parameters, isEnded: false) }
      + frame.ended.flatMap { objects(of: $0, parameters, isEnded: true) }
    return all.map(\.line).joined() + lost(frame).map(\.line).joined() + host(frame, head).line
  }

  /// Events that a trace lost in the interval, CPU by CPU.
  private static func lost(_ frame: CounterFrame) -> [JSONObject] {
    (frame.trace?.lost ?? [:]).sorted { $0.key < $1.key }.map { cpu, events in
      ["type": "lost", "time": frame.time.rawValue, "cpu": cpu.rawValue, "events": events]
    }
  }

  private static func objects(
    of vm: CounterFrame.VM, _ parameters: PollParameters?, isEnded: Bool
  ) -> [JSONObject] {
    let common: JSONObject = [
      "time": vm.vm.time.rawValue, "source": vm.vm.source.rawValue, "ended": isEnded,
    ]
    let vcpus = vm.vcpus.map { row -> JSONObject in
      ["type": "vcpu", "vcpu": row.vcpu, "tid": row.thread?.rawValue] + common
        + row.json(parameters)
    }
    let total: JSONObject =
      [
        "type": "vm", "vcpus": vm.vm.vcpuCount, "lack": vm.vm.lack?.explanation,
        "remedy": vm.vm.lack?.remedy,
      ] + common + vm.total.json(nil)
    return vcpus + [total]
  }

  private static func host(_ frame: CounterFrame, _ head: TopHead) -> JSONObject {
    let host = frame.host
    return [
      "type": "host", "time": frame.time.rawValue, "interval_ns": frame.interval?.rawValue,
      "vms": frame.vms.count, "vms_counted": host.vms,
      "vcpus": frame.vms.reduce(0) { $0 + ($1.vm.vcpuCount ?? 0) },
      "halts_per_second": host.halts, "poll_cpu_share": host.successfulShare + host.wastedShare,
      "wasted_cpu_share": host.wastedShare, "polltrace_cpu_ns": head.cpuTime.rawValue,
      "read_cpu_ns": head.readTime.rawValue,
    ]
  }
}

extension CounterRow {
  fileprivate func json(_ parameters: PollParameters?) -> JSONObject {
    [
      "vm": ["pid": process.rawValue, "name": name.isEmpty ? nil : name] as JSONObject,
      "interval_ns": interval?.rawValue, "counters": counters?.json, "delta": delta?.json,
      "poll_cpu_share": pollShare, "wasted_cpu_share": wastedShare, "polled_share": polledShare,
      "halts_per_second": haltRate, "wait_p50_ns": wait(0.5)?.json, "wait_p99_ns": wait(0.99)?.json,
      "pattern": parameters.flatMap { pattern($0) }.map { "\($0)" },
    ] + (traced?.json ?? [:])
  }
}

extension TracedHalts {
  /// What only a trace has, under the report's names.
  fileprivate var json: JSONObject {
    [
      "halts": halts, "polled": polled, "waited": slept, "grows": grows, "shrinks": shrinks,
      "window_ns": window, "unknown_windows": undecided, "gaps": gaps,
      "contradicted": contradicted, "block_p50_ns": block.quantile(0.5),
      "block_p99_ns": block.quantile(0.99), "wake_latencies": wakeLatency.count,
      "wake_latency_p50_ns": wakeLatency.quantile(0.5),
      "wake_latency_p99_ns": wakeLatency.quantile(0.99),
    ]
  }
}

extension HaltCounters {
  /// All of them under KVM's names.
  fileprivate var json: JSONObject {
    let counts = Count.allCases.map { ($0.name, self[$0] as any JSONValue) }
    let spreads = Spread.allCases.map { ($0.name, self[$0]?.counts as any JSONValue) }
    return JSONObject(counts + spreads)
  }
}

extension LogHistogram.Bounds {
  /// As a bucket of other histograms: `lt` is null where it has no end.
  fileprivate var json: JSONObject { ["ge": from, "lt": to] }
}
