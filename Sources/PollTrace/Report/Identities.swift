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
  package var vm: Untrusted?
  /// The vCPU's id inside its VM, where known.
  package var vcpu: UInt32?
  package var thread: ThreadID
  package var source: Source

  package init(
    process: ProcessID?, vm: Untrusted?, vcpu: UInt32?, thread: ThreadID, source: Source
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
    let named = Self.vcpu(ofName: thread, in: trace)
    let source: Source =
      stated?.vcpu != nil
      ? .trace : traced != nil ? .event : named != nil ? .comm : .unknown
    let name = stated?.vm ?? ""
    self.init(
      process: stated?.process ?? trace.processes[thread], vm: name.isEmpty ? nil : name,
      vcpu: stated?.vcpu ?? traced ?? named, thread: thread, source: source)
  }

  /// The id in the thread's name; nil where another thread that may be of the same VM has the same
  /// name, as both were cut.
  private static func vcpu(ofName thread: ThreadID, in trace: TraceDescription) -> UInt32? {
    guard let name = trace.names[thread]?.unescaped, let id = VCPUThreadName.vcpu(in: name) else {
      return nil
    }
    let isAmbiguous =
      VCPUThreadName.mayBeCut(name)
      && trace.names.contains { other, otherName in
        other != thread && otherName.unescaped == name
          && trace.processes[other] == trace.processes[thread]
      }
    return isAmbiguous ? nil : id
  }
}

extension VCPUIdentity {
  /// The vCPU as people call it inside its VM.
  package var label: String { vcpu.map { "vCPU \($0)" } ?? thread.label }

  /// Whether a user who names VMs and vCPUs means this one.
  package func matches(_ options: AnalysisOptions) -> Bool {
    let isNamed =
      options.vms.isEmpty
      || options.vms.contains { $0 == vm?.unescaped || (process.map { "\($0.rawValue)" } == $0) }
    return isNamed && (options.vcpus.isEmpty || vcpu.map(options.vcpus.contains) ?? false)
  }
}

extension VCPUIdentity {
  /// A thread that the recorder found.
  package init(_ found: RecordedFacts.VCPUThread) {
    self.init(
      process: found.process, vm: found.vm.isEmpty ? nil : found.vm, vcpu: found.vcpu,
      thread: found.thread, source: .trace)
  }

  /// Its VM's name and process, as far as they are known.
  package var vmName: Untrusted {
    let process: Untrusted? = process.map { "pid \($0.rawValue)" }
    guard let vm else { return process ?? "unknown VM" }
    return process.map { "\(vm) (\($0))" } ?? vm
  }
}
