package import PollTrace

/// The columns by which rows of many hosts are told apart and weighed: the same in every row of a file.
package enum FleetKeys {
  /// Of the rows' meaning: a change of a column's meaning makes another number.
  package static let schema = "1"

  /// What tells a host and what holds on it.
  package static let host = [
    "schema", "host", "boot", "kernel", "arch", "cpu_model", "rules", "labels",
  ]
  /// How much was recorded: of a whole recording, however many rows are made of it.
  package static let coverage = ["events", "lost_events", "losses_of_unknown_size"]

  /// The fields of `host`, of a trace.
  package static func host(_ report: TraceReport, _ labels: HostLabels) -> [String] {
    let facts = report.trace.facts
    let kernel = [facts?.kernel, report.trace.kernel].compactMap(\.self).first { !$0.isEmpty }
    let arch = [facts?.arch, report.trace.arch].compactMap(\.self).first { !$0.isEmpty }
    return [
      schema, facts?.host.csv ?? "", facts?.boot.csv ?? "", kernel?.csv ?? "", arch?.csv ?? "",
      facts?.cpuModel.csv ?? "", report.settings.rules.name, labels.text,
    ]
  }

  /// The fields of `coverage`, of traces together.
  package static func coverage(_ reports: [TraceReport]) -> [String] {
    let sums: [(TraceReport) -> UInt64] = [
      { $0.tally.events }, { $0.lostEvents }, { $0.tally.uncountedLosses },
    ]
    return sums.map { value in "\(reports.reduce(0 as UInt64) { $0.plus(value($1)) })" }
  }

  /// The UUID of the VM that runs as `process`, as the recorder found it.
  package static func uuid(of process: ProcessID?, in report: TraceReport) -> String {
    guard let process else { return "" }
    return report.trace.vcpus.first { $0.process == process }?.uuid.csv ?? ""
  }
}
