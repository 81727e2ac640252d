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
    place.isEmpty ? identity.vmLabel : "\(Printable.text(place)), \(identity.vmLabel)"
  }
}

extension VCPUIdentity {
  /// The VM as people call it.
  package var vmLabel: String {
    switch (vm, process) {
    case (let name?, let process?): "VM \(Printable.text(name)) (pid \(process.rawValue))"
    case (let name?, nil): "VM \(Printable.text(name))"
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

/// Names from a trace, made fit for a terminal: they are not ours, and may hold escape sequences.
package enum Printable {
  package static func text(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            "\u{FFFD}"
          default: scalar
          }
        }))
  }
}
