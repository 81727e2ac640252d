/// What a vCPU thread is, and how that is known.
package struct VCPUIdentity: Hashable, Sendable {
  /// How a vCPU's id is known.
  package enum Source: String, Hashable, Sendable {
    /// The file says so: facts of the recorder, or a GUEST option.
    case trace
    /// The thread's `kvm_halt_poll_ns` events say so.
    case event
    /// The thread's name says so.
    case comm
    case unknown
  }

  /// The VM's process, where known.
  package var process: ProcessID?
  /// The VM's name, where known.
  package var vm: String?
  /// The vCPU's id inside its VM, where known.
  package var vcpu: UInt32?
  package var thread: ThreadID
  package var source: Source

  package init(
    process: ProcessID?, vm: String?, vcpu: UInt32?, thread: ThreadID, source: Source
  ) {
    self.process = process
    self.vm = vm
    self.vcpu = vcpu
    self.thread = thread
    self.source = source
  }
}

extension VCPUIdentity {
  /// What `thread` is by what the file says, else by its decisions (`traced`), else by its name.
  package init(of thread: ThreadID, traced: UInt32?, in trace: TraceDescription) {
    let stated = trace.vcpus.first { $0.thread == thread }
    let named = trace.names[thread].flatMap(Self.vcpu(named:))
    let source: Source =
      stated?.vcpu != nil
      ? .trace : traced != nil ? .event : named != nil ? .comm : .unknown
    let name = stated?.vm ?? ""
    self.init(
      process: stated?.process ?? trace.processes[thread], vm: name.isEmpty ? nil : name,
      vcpu: stated?.vcpu ?? traced ?? named, thread: thread, source: source)
  }

  /// What stands before and after the vCPU's id in a thread's name, as VMMs write it.
  ///
  /// QEMU `CPU 0/KVM`, Firecracker `fc_vcpu 0`, Cloud Hypervisor `vcpu0`, crosvm `crosvm_vcpu0`; a
  /// space before the id may be there or not.
  package static let threadNames = [
    (before: "CPU ", after: "/KVM"), (before: "fc_vcpu", after: ""),
    (before: "crosvm_vcpu", after: ""), (before: "vcpu", after: ""),
  ]

  /// The vCPU id in a thread's name; nil where it is no vCPU's.
  package static func vcpu(named name: String) -> UInt32? {
    for (before, after) in threadNames where name.hasPrefix(before) && name.hasSuffix(after) {
      let id = name.dropFirst(before.count).dropLast(after.count)
      let digits = id.first == " " ? id.dropFirst() : id
      return digits.allSatisfy(\.isNumber) ? UInt32(digits) : nil
    }
    return nil
  }
}

extension VCPUIdentity {
  /// The vCPU as people call it inside its VM.
  package var label: String { vcpu.map { "vCPU \($0)" } ?? "thread \(thread.rawValue)" }

  /// Whether a user who names VMs and vCPUs means this one.
  package func matches(_ options: AnalysisOptions) -> Bool {
    let isNamed =
      options.vms.isEmpty
      || options.vms.contains { $0 == vm || (process.map { "\($0.rawValue)" } == $0) }
    return isNamed && (options.vcpus.isEmpty || vcpu.map(options.vcpus.contains) ?? false)
  }
}
