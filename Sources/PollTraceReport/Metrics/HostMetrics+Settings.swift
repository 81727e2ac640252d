internal import PollTrace

/// The parameters of kvm that are set, and those that are configured.
extension HostMetrics {
  var settings: [MetricFamily] {
    Self.settings("polltrace_halt_poll_", "as it is set", parameters?.values.map { $0 } ?? [])
      + Self.settings(
        "polltrace_halt_poll_configured_",
        "as modprobe's options or the kernel's command line configure it; absent where they do not",
        configured.values)
  }

  /// A gauge for each of the four, in the kernel's order (`PollParameters.names`).
  static func settings(_ prefix: String, _ which: String, _ values: [UInt32?]) -> [MetricFamily] {
    let names: [(name: String, unit: MetricFamily.Unit, help: String)] = [
      ("ceiling_seconds", .seconds, "The longest poll window (kvm's halt_poll_ns)"),
      ("grow_factor", .none, "By what a window is multiplied (kvm's halt_poll_ns_grow)"),
      ("grow_start_seconds", .seconds, "The shortest window (kvm's halt_poll_ns_grow_start)"),
      ("shrink_divisor", .none, "By what a window is divided (kvm's halt_poll_ns_shrink)"),
    ]
    return zip(names, values).map { entry, value in
      .one(
        prefix + entry.name, .gauge, unit: entry.unit, "\(entry.help), \(which).",
        value.map { entry.unit == .seconds ? .time(UInt64($0)) : .count(UInt64($0)) })
    }
  }
}
