package import PollTrace
package import PollTraceCapture

/// What KVM counts of every running VM's halts, read without tracing and without a word to the VMs.
///
/// QEMU 8.1 and newer keeps the statistics of each vCPU open ("kvm: reuse per-vcpu stats fd to avoid
/// vcpu interruption", 2023-06). Duplicates of those descriptors are read here, 1 µs a vCPU. Each holds
/// the VM's memory in the kernel, so all are closed as soon as the VM's process ends: call `wait` between
/// samples rather than sleep.
///
/// Needs what looking into other users' processes needs: CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.
package final class KVMStatistics {
  private var running: RunningVMs
  private var held: [ProcessID: HeldVM] = [:]
  private var ended: [CountedVM] = []
  private var made = 0
  private var hasLetGo = false
  private let buffer = VCPUFile.Buffer()
  private let debugfs: DebugFS?
  private let lack: SourceLack?

  /// Follows the VMs `wanted`, process ids or names, or all where it is empty.
  package convenience init(wanted: [String] = []) {
    let host = Machine.name
    let isSafe = KernelSafety.keepsVMs(
      release: host.release, version: host.version,
      signature: Paths.line("/proc/version_signature"))
    self.init(
      wanted: wanted, debugfs: DebugFS.isOurs ? DebugFS(root: DebugFS.directory) : nil,
      lack: isSafe ? nil : .unsafeKernel(Untrusted(host.release)))
  }

  /// Whether debugfs shows VMs here, readable (which a kernel in lockdown does not allow) or not.
  package static var hasDebugFS: Bool { Paths.isDirectory(DebugFS.directory) }

  init(wanted: [String], debugfs: DebugFS?, lack: SourceLack?) {
    Descriptor.allowMany()
    running = RunningVMs(wanted: wanted)
    self.debugfs = debugfs
    self.lack = lack
  }

  /// Reads all counters; VMs that have ended since the last sample are in `ended` once.
  package func sample() -> CounterSample {
    let now = Machine.now
    closeEnded()
    let hasChanged = running.update()
    if hasChanged || hasLetGo { follow() }
    for vm in held.values { vm.look(at: now) }
    let vms = held.values.sorted { $0.vm.process < $1.vm.process }
      .map { $0.counted(at: Machine.now, buffer) }
    defer { ended = [] }
    return CounterSample(time: now, vms: vms, ended: ended)
  }

  /// Lets `length` pass, and closes what is held of VMs that end meanwhile.
  ///
  /// - Returns: Whether the wait was ended by `other`.
  package func wait(for length: Nanoseconds, or other: WaitedFor? = nil) -> Bool {
    let end = Machine.now + length
    while true {
      let left = end - Machine.now
      let vms = Array(held.values)
      let outcome = Waiting.wait(
        for: vms.map(\.process.number), or: other, atMost: left)
      for index in outcome.ready { close(vms[index]) }
      if outcome.hasCome { return true }
      if Machine.now >= end { return false }
    }
  }

  /// Closes all that is held, as before a time in which nobody can wait; the next sample takes it anew,
  /// and its VMs count as others.
  package func letGo() {
    held = [:]
    hasLetGo = true
  }

  private func closeEnded() { _ = wait(for: 0) }

  /// Reads a VM, which has ended, for the last time, and lets it go.
  private func close(_ vm: HeldVM) {
    held[vm.vm.process] = nil
    let last = vm.counted(at: Machine.now, buffer)
    if last.source == .counters { ended.append(last) }
  }

  /// Takes up VMs that are new, and what changed of those that are known.
  private func follow() {
    hasLetGo = false
    for vm in running.vms {
      if let known = held[vm.process] {
        if known.vm != vm { known.change(to: vm) }
      } else if let new = try? HeldVM(made, vm, debugfs: debugfs, lack: lack) {
        held[vm.process] = new
        made += 1
      }
    }
    // A VM whose process lives on without vCPUs.
    let now = Set(running.vms.map(\.process))
    for (process, vm) in held where !now.contains(process) {
      close(vm)
    }
  }
}
