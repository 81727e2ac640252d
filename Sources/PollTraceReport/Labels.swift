package import PollTrace

extension VCPUReport {
  /// The vCPU as people call it inside its VM.
  package var label: String { identity.label }

  /// The same with its VM.
  package var fullLabel: String { "\(identity.vmLabel), \(label)" }
}

extension VCPUTotal {
  /// The vCPU as people call it among those of several hosts, boots and traces.
  package var label: String { "\(vmLabel), \(identity.label)" }

  /// The same of its VM.
  package var vmLabel: String {
    place.isEmpty ? identity.vmLabel : "\(place.terminal), \(identity.vmLabel)"
  }
}

extension VCPUIdentity {
  /// The VM as people call it.
  package var vmLabel: String {
    switch (vm, process) {
    case (let name?, let process?): "VM \(name.terminal) (pid \(process.rawValue))"
    case (let name?, nil): "VM \(name.terminal)"
    case (nil, let process?): "VM pid \(process.rawValue)"
    case (nil, nil): "VM unknown"
    }
  }
}

extension TraceReport {
  /// The vCPUs by VM, in order.
  package var vms: [(label: String, vcpus: [VCPUReport])] {
    var groups: [(label: String, vcpus: [VCPUReport])] = []
    for vcpu in vcpus {
      if groups.last?.label == vcpu.identity.vmLabel {
        groups[groups.count - 1].vcpus.append(vcpu)
      } else {
        groups.append((vcpu.identity.vmLabel, [vcpu]))
      }
    }
    return groups
  }
}
