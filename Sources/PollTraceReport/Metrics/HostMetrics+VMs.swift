internal import PollTrace

/// VMs and their vCPUs.
extension HostMetrics {
  /// A counter of KVM's, and how it is shown.
  private struct Counted {
    let name: String
    var unit = MetricFamily.Unit.none
    let help: String
    let value: @Sendable (HaltCounters) -> MetricValue?
  }

  private static let counted: [Counted] = [
    Counted(
      name: "halt_polls", help: "Polls for a wake-up (KVM's halt_attempted_poll).",
      value: { $0[.attemptedPolls].map { .count($0) } }),
    // Of the histogram, not a difference of two counts that are read one after the other: it never falls.
    Counted(
      name: "halt_polls_failed",
      help: "Polls that were followed by sleep (the total of KVM's halt_poll_fail_hist).",
      value: { $0[.failures].map { .count($0.total) } }),
    Counted(
      name: "halt_poll_success_seconds", unit: .seconds,
      help: "CPU time in polls that a wake-up ended (KVM's halt_poll_success_ns).",
      value: { $0[.successfulPollTime].map { .time($0) } }),
    Counted(
      name: "halt_poll_fail_seconds", unit: .seconds,
      help: "CPU time in polls that were followed by sleep (KVM's halt_poll_fail_ns).",
      value: { $0[.failedPollTime].map { .time($0) } }),
    Counted(
      name: "halt_wait_seconds", unit: .seconds, help: "Time asleep in halts (KVM's halt_wait_ns).",
      value: { $0[.waitTime].map { .time($0) } }),
    Counted(
      name: "halt_exits", help: "HLT instructions that left the guest (KVM's halt_exits, x86).",
      value: { $0[.exits].map { .count($0) } }),
    Counted(
      name: "halt_wakeups", help: "Wake-ups of a vCPU that slept (KVM's halt_wakeup).",
      value: { $0[.wakeups].map { .count($0) } }),
  ]

  var vmFamilies: [MetricFamily] {
    let info = MetricFamily(
      name: "polltrace_vm", kind: .info,
      help: "A running VM: its process, and where its counts come from.",
      samples: vms.filter { $0.ended == nil }.map { vm in
        let identity = identities[vm.vm.number]
        return .init(
          labels: [
            ("vm", vm.label), ("pid", "\(vm.vm.process.rawValue)"),
            ("uuid", identity?.uuid ?? ""), ("vmm", identity?.program ?? ""),
            ("source", Untrusted(vm.vm.source.rawValue)),
            ("lack", Untrusted(vm.vm.lack?.word ?? "")),
          ], value: .count(1))
      })
    let vcpus = MetricFamily(
      name: "polltrace_vm_vcpus", kind: .gauge, help: "vCPUs of a running VM.",
      samples: vms.filter { $0.ended == nil }.compactMap { vm in
        vm.vm.vcpuCount.map {
          .init(labels: [("vm", vm.label)], value: .count(UInt64(clamping: $0)))
        }
      })
    return [info, vcpus]
      + Self.families("polltrace_vm_", "of all vCPUs of a VM") { value in
        vms.compactMap { vm in
          vm.counters.flatMap(value).map { .init(labels: [("vm", vm.label)], value: $0) }
        }
      }
  }

  var vcpuFamilies: [MetricFamily] {
    Self.families("polltrace_vcpu_", "of one vCPU") { value in
      vms.flatMap { vm in
        vm.vm.vcpus.compactMap { vcpu in
          value(vcpu.counters).map {
            .init(labels: [("vm", vm.label), ("vcpu", "\(vcpu.vcpu)")], value: $0)
          }
        }
      }
    }
  }

  private static func families(
    _ prefix: String, _ whose: String,
    _ samples: ((HaltCounters) -> MetricValue?) -> [MetricFamily.Sample]
  ) -> [MetricFamily] {
    counted.map { counted in
      MetricFamily(
        name: prefix + counted.name, kind: .counter, unit: counted.unit,
        help: "\(counted.help.dropLast()), \(whose).", samples: samples(counted.value))
    }
  }
}

extension SourceLack {
  /// A word for it, as labels carry it.
  fileprivate var word: String {
    switch self {
    case .unsafeKernel: "unsafe_kernel"
    case .refused: "refused"
    case .notHeld: "not_held"
    case .partlyHeld: "partly_held"
    case .severalVMs: "several_vms"
    case .unreadable: "unreadable"
    case .noMoreFiles: "no_more_files"
    }
  }
}
