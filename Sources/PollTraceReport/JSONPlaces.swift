internal import PollTrace

extension CPUTopology {
  /// Which CPUs share what.
  var json: JSONObject {
    [
      "online": online.text,
      "groups": groups.map { ["kind": $0.kind, "cpus": $0.cpus.text] as JSONObject },
    ]
  }
}

extension RecordedFacts {
  /// How much of the time from `begin` to `end` has switches between idle and any task, where they were
  /// recorded in spans.
  func idleSwitchesJSON(from begin: Timestamp?, to end: Timestamp?) -> JSONObject? {
    guard !idleSwitchSpans.isEmpty, let begin, let end else { return nil }
    return [
      "share": idleSwitches.share(from: begin, to: end), "spans": idleSwitches.spans.count,
    ]
  }

  /// On which CPUs `thread` may run, where the recorder said so.
  func affinity(of thread: ThreadID) -> String? {
    vcpus.first { $0.thread == thread }?.affinity?.text
  }
}
