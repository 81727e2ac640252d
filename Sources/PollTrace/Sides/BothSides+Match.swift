extension BothSides {
  /// Each guest's recording of `report` with the host's that has its VM.
  ///
  /// Nothing where there is no recording of either side.
  package static func all(of report: Report) -> [BothSides] {
    let guests = report.traces.indices.filter { report.traces[$0].guest != nil }
    let hosts = report.traces.indices.filter { report.traces[$0].guest == nil }
    guard let first = hosts.first else { return [] }
    return guests.map { guest in
      let trace = report.traces[guest]
      if let same = hosts.first(where: { isSameBoot(report.traces[$0].trace, trace.trace) }) {
        var sides = BothSides(host: same, guest: guest)
        sides.stranger = .sameMachine
        return sides
      }
      let vms = hosts.flatMap { host in VM.all(of: report.traces[host], number: host) }
      guard let (vm, match) = find(trace, among: vms, isOnly: guests.count == 1) else {
        var sides = BothSides(host: first, guest: guest)
        sides.stranger = vms.isEmpty ? .noVM : .severalVMs
        return sides
      }
      var sides = BothSides(host: vm.host, guest: guest)
      (sides.vm, sides.match) = (vm.vcpus[0].identity, match)
      sides.pairs = (trace.guest?.cpus ?? []).compactMap { cpu in
        vm.vcpus.first { $0.identity.vcpu == cpu.cpu.rawValue }.map { Pair(vcpu: $0, cpu: cpu) }
      }
      return sides
    }
  }

  /// Whether one running kernel recorded both.
  static func isSameBoot(_ one: TraceDescription, _ other: TraceDescription) -> Bool {
    guard let boot = one.facts?.boot, !boot.isEmpty else { return false }
    return boot == other.facts?.boot
  }

  private struct VM {
    var host: Int
    var uuid: String
    var vcpus: [VCPUReport]

    static func all(of trace: TraceReport, number: Int) -> [VM] {
      trace.ownVMs.map { _, vcpus in
        let process = vcpus[0].identity.process
        let uuid = trace.trace.vcpus.first { $0.process == process && process != nil }?.uuid
        return VM(host: number, uuid: uuid?.unescaped.lowercased() ?? "", vcpus: vcpus)
      }
    }
  }

  private static func find(
    _ guest: TraceReport, among vms: [VM], isOnly: Bool
  ) -> (VM, Match)? {
    let facts = guest.trace.facts
    let uuid = facts?.guest?.uuid.unescaped.lowercased() ?? ""
    let byUUID = uuid.isEmpty ? [] : vms.filter { $0.uuid == uuid }
    if byUUID.count == 1 { return (byUUID[0], .uuid) }
    let host = facts?.host ?? ""
    let byName = host.isEmpty ? [] : vms.filter { $0.vcpus[0].identity.vm == host }
    if byName.count == 1 { return (byName[0], .name) }
    // A VM with another UUID is another one.
    guard isOnly, vms.count == 1, uuid.isEmpty || vms[0].uuid.isEmpty else { return nil }
    return (vms[0], .only)
  }
}

extension TraceReport {
  /// The vCPUs by VM, in order: a VM is a process, or where that is not known all of one name.
  fileprivate var ownVMs: [(key: [Untrusted?], vcpus: [VCPUReport])] {
    var groups: [(key: [Untrusted?], vcpus: [VCPUReport])] = []
    for vcpu in vcpus {
      let key: [Untrusted?] = [
        vcpu.identity.process.map { "\($0.rawValue)" }, vcpu.identity.vm,
      ]
      if let place = groups.firstIndex(where: { $0.key == key }) {
        groups[place].vcpus.append(vcpu)
      } else {
        groups.append((key, [vcpu]))
      }
    }
    return groups
  }
}
