import PollTrace
import PollTraceCapture
import PollTraceReport
import PollTraceStatistics

/// Where the counts of each running VM come from, as `polltrace check` says it.
enum CounterFindings {
  /// A finding a VM; `polltrace record` needs none of them.
  static var all: [Preflight.Finding] { KVMStatistics().sample().vms.map { finding(of: $0) } }

  static func finding(of vm: CountedVM) -> Preflight.Finding {
    let name: Untrusted = vm.name.isEmpty ? "" : " \"\(vm.name)\""
    return Preflight.Finding(
      state: vm.source == .counters && vm.lack == nil ? .present : .lacking, subject: "counters",
      detail: "process \(vm.process.rawValue)\(name): \(source(of: vm))"
        + Untrusted(vm.lack.map { "; \($0.explanation)" } ?? ""),
      remedy: remedy(for: vm))
  }

  /// What would give a better source; debugfs gives one to VMs that have none.
  private static func remedy(for vm: CountedVM) -> String? {
    guard let lack = vm.lack else { return nil }
    return vm.source == .none && lack != .refused && !KVMStatistics.hasDebugFS
      ? "\(mountDebugFS) (sums of each VM); \(lack.remedy)" : lack.remedy
  }

  private static let mountDebugFS = "sudo mount -t debugfs nodev /sys/kernel/debug"

  private static func source(of vm: CountedVM) -> String {
    switch vm.source {
    case .counters:
      "KVM's statistics of \(vm.vcpus.count) of \(vm.vcpuCount ?? vm.vcpus.count) vCPUs"
    case .debugfs: "KVM's sums over its vCPUs (debugfs)"
    case .trace, .none: "none without tracing"
    }
  }
}
