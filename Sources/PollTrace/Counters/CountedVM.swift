/// A running VM and what KVM had counted of its halts at one moment.
package struct CountedVM: Hashable, Sendable {
  /// Where counts come from.
  package enum Source: String, Hashable, Sendable {
    /// KVM's statistics of each vCPU.
    case counters
    /// KVM's sums over the VM's vCPUs in debugfs.
    case debugfs
    /// Its halts as they are traced.
    case trace
    /// Nothing but tracing shows them.
    case none
  }

  /// Tells VMs apart while a sampler runs, also those that had the same process id one after the other.
  package var number: Int
  package var process: ProcessID
  /// Its name; empty where it has none.
  package var name: Untrusted
  package var source: Source
  /// When it was read, on CLOCK_MONOTONIC.
  package var time: Timestamp
  /// Its vCPUs in order of their ids; none but from the source `counters`.
  package var vcpus: [CountedVCPU]
  /// How many vCPUs it has; nil where that may not be looked at.
  package var vcpuCount: Int?
  /// Sums over its vCPUs; nil without a source.
  package var counters: HaltCounters?
  /// Why there is no better source.
  package var lack: SourceLack?

  package init(
    number: Int, process: ProcessID, name: Untrusted, source: Source, time: Timestamp,
    vcpus: [CountedVCPU] = [], vcpuCount: Int? = nil, counters: HaltCounters? = nil,
    lack: SourceLack? = nil
  ) {
    self.number = number
    self.process = process
    self.name = name
    self.source = source
    self.time = time
    self.vcpus = vcpus
    self.vcpuCount = vcpuCount
    self.counters = counters
    self.lack = lack
  }
}

/// A vCPU and what KVM had counted of its halts.
package struct CountedVCPU: Hashable, Sendable {
  /// KVM's id of it inside its VM.
  package var vcpu: UInt32
  /// Its thread, where the threads' names tell.
  package var thread: ThreadID?
  package var counters: HaltCounters

  package init(vcpu: UInt32, thread: ThreadID?, counters: HaltCounters) {
    self.vcpu = vcpu
    self.thread = thread
    self.counters = counters
  }
}

/// All running VMs at one moment.
package struct CounterSample: Hashable, Sendable {
  /// When the sample was begun, on CLOCK_MONOTONIC.
  package var time: Timestamp
  /// In order of their process ids.
  package var vms: [CountedVM]
  /// VMs that have ended since the sample before, as they were at their end.
  package var ended: [CountedVM]

  package init(time: Timestamp, vms: [CountedVM], ended: [CountedVM] = []) {
    self.time = time
    self.vms = vms
    self.ended = ended
  }
}

/// Why a VM's counters cannot be had.
package enum SourceLack: Hashable, Sendable {
  /// The kernel does not keep a VM whose statistics are open; its release.
  case unsafeKernel(Untrusted)
  /// The right to take the VM's descriptors is missing.
  case refused
  /// The VM's process holds no statistics open.
  case notHeld
  /// Not those of each vCPU.
  case partlyHeld
  /// The process runs several VMs whose descriptors cannot be told apart.
  case severalVMs
  /// What the descriptors show is not as the kernel documents it.
  case unreadable(Untrusted)
  /// This process may open no more files.
  case noMoreFiles
}
