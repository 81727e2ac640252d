package import PollTrace

/// The VMs that run, followed as `polltrace record` follows them.
package struct RunningVMs {
  /// One of them.
  package struct VM: Hashable, Sendable {
    package var process: ProcessID
    /// Its name; empty where it has none.
    package var name: Untrusted
    /// Its vCPU threads; all of its threads where their names do not tell which those are.
    package var threads: [RecordedFacts.VCPUThread]
  }

  private var scan: VCPUScan
  /// Those that ran at the last look.
  package private(set) var vms: [VM] = []

  /// Those of `wanted`, by process id or name; all where it is empty.
  package init(wanted: [String] = []) { scan = VCPUScan(wanted: wanted) }

  /// Looks again; true where VMs or their threads changed.
  package mutating func update() -> Bool {
    guard scan.update() else { return false }
    scan.forgetEnded()
    vms = scan.running.map {
      VM(process: $0.process, name: Untrusted($0.name), threads: $0.threads)
    }
    return true
  }
}
