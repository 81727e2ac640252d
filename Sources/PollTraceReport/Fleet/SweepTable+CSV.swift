package import PollTrace
package import PollTraceReplay

extension SweepTable {
  /// What a row of the CSV says beside setting, VM and outcome.
  private static let keys =
    FleetKeys.host + [
      "vm_uuid", "vm_pid", "vm_name", "own_ceiling_ns", "begin_utc", "end_utc", "recorded_ns",
    ] + FleetKeys.coverage + ["in_grid", "is_current", "file_rows"]

  /// One row a setting and VM, of the VM's own setting too where the grid does not have it.
  ///
  /// `report` is of the traces that were swept. The columns are described in docs/report-schema.md.
  package static func csv(_ sweep: Sweep, _ report: Report, _ labels: HostLabels) -> String {
    let names =
      PollParameters.names + ["vm", "vcpus", "vcpu_time_ns"] + PollOutcome.zero.sums.map(\.name)
      + keys
    let grid = Set(sweep.rows.map(\.parameters))
    let beside = Set(sweep.groups.map(\.parameters)).subtracting(grid)
      .sorted { $0.values.lexicographicallyPrecedes($1.values) }
    let count = sweep.rows.count * sweep.groups.count
    let own = sweep.groups.count { !grid.contains($0.parameters) }
    let groups = sweep.groups.map { group in
      GroupFields(group, report, labels, rows: count + own)
    }
    var text = names.joined(separator: ",") + "\n"
    for setting in sweep.rows.map(\.parameters) + beside {
      let isInGrid = grid.contains(setting)
      for (index, group) in sweep.groups.enumerated()
      where isInGrid || group.parameters == setting {
        guard let outcome = sweep.outcome(of: index, under: setting) else { continue }
        text += setting.values.map { "\($0)" }.joined(separator: ",") + groups[index].group
        for sum in outcome.sums { text += ",\(sum.value)" }
        text += groups[index].keys
        text += ",\(isInGrid),\(group.parameters == setting)" + groups[index].end
      }
    }
    return text
  }

  /// The fields that all rows of a VM share, each text with its commas.
  private struct GroupFields {
    let group: String
    let keys: String
    let end: String

    init(_ group: Sweep.Group, _ report: Report, _ labels: HostLabels, rows: Int) {
      self.group = ",\(group.vm.csv),\(group.vcpus),\(Int64(saturating: group.time))"
      end = ",\(rows)\n"
      let traces = group.traces.filter(report.traces.indices.contains).map { report.traces[$0] }
      guard let first = traces.first else {
        // Of no trace that is reported: nothing is known.
        keys = String(repeating: ",", count: FleetKeys.host.count + 7 + FleetKeys.coverage.count)
        return
      }
      let begins = traces.map { trace in trace.span.flatMap { trace.utc(of: $0.lowerBound) } }
      let ends = traces.map { trace in trace.span.flatMap { trace.utc(of: $0.upperBound) } }
      let recorded = traces.reduce(Nanoseconds.zero) { $0 + ($1.duration ?? .zero) }
      let fields =
        FleetKeys.host(first, labels) + [
          FleetKeys.uuid(of: group.process, in: first),
          group.process.map { "\($0.rawValue)" } ?? "", group.name?.csv ?? "",
          group.hasOwnCeiling ? "\(group.parameters.ceiling)" : "",
          begins.contains(nil) ? "" : begins.compactMap(\.self).min()?.iso8601 ?? "",
          ends.contains(nil) ? "" : ends.compactMap(\.self).max()?.iso8601 ?? "",
          "\(recorded.rawValue)",
        ] + FleetKeys.coverage(traces)
      keys = "," + fields.joined(separator: ",")
    }
  }
}
