import PollTrace
import PollTraceCapture

/// KVM's sums over a VM's vCPUs in debugfs.
///
/// linux virt/kvm/kvm_main.c `kvm_create_vm_debugfs()`: a directory `PID-FD` for each VM, of the thread
/// that made it, and a file with one number for each statistic; of histograms the first bucket only, so
/// that these are left out.
struct DebugFS {
  static let directory = "/sys/kernel/debug/kvm"

  let root: String

  /// The VM's directories in `root`: those of the process `process` or one of its threads.
  func directories(of process: ProcessID) -> [String] {
    let threads = (try? Paths.names(in: "/proc/\(process.rawValue)/task")) ?? []
    let owners = Set(threads + ["\(process.rawValue)"])
    let names = (try? Paths.names(in: root)) ?? []
    return names.filter { name in
      let parts = name.split(separator: "-", omittingEmptySubsequences: false)
      return parts.count == 2 && owners.contains(String(parts[0])) && Int(parts[1]) != nil
    }.sorted()
  }

  /// The sums in directory `name`; nil where it does not show polls.
  func counters(_ name: String) -> HaltCounters? {
    var counters = HaltCounters()
    for count in HaltCounters.Count.allCases {
      counters[count] = Paths.line("\(root)/\(name)/\(count.name)").flatMap { UInt64($0) }
    }
    return counters[.attemptedPolls] == nil ? nil : counters
  }

  /// Whether process ids here are those that debugfs names: in other namespaces of process ids they
  /// are not (linux include/linux/proc_ns.h, PROC_PID_INIT_INO).
  static var isOurs: Bool { (try? Paths.link("/proc/self/ns/pid")) == "pid:[4026531836]" }
}
