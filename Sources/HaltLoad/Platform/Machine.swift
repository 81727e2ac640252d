import CKVM
import Glibc

/// The VM: its vCPUs, its memory, and what wakes them.
final class Machine: Sendable {
  let vcpus: [VCPU]
  private let memory: Memory
  private let vm: Descriptor

  private static let remedy = "See dmesg for what KVM says."

  init(vcpus count: Int, ceiling: Nanoseconds?, counted: Bool, keepsHalt: Bool = false)
    throws(Failure)
  {
    let kvm = try Descriptor(
      opening: "/dev/kvm", O_RDWR, "cannot open /dev/kvm",
      remedy: "Load kvm_intel or kvm_amd, and run as root or in the group kvm.")
    let vm = Descriptor(
      try checked(ckvm_vm_create(kvm.number), "cannot create a VM", remedy: Self.remedy))
    if keepsHalt {
      try checked(
        ckvm_vm_keeps_halt(vm.number), "cannot leave HLT to the guest",
        remedy: "KVM_CAP_X86_DISABLE_EXITS is not allowed here: leave out --exits.")
    }
    if let ceiling { try Self.limit(vm, to: ceiling) }
    let memory = try Memory(size: Guest.size(vcpus: count))
    try unsafe checked(
      ckvm_vm_memory(vm.number, memory.start, UInt64(memory.size)), "cannot give the VM its memory",
      remedy: Self.remedy)
    var vcpus: [VCPU] = []
    for id in 0..<count { vcpus.append(try VCPU(id, vm: vm, kvm: kvm, counted: counted)) }
    (self.vm, self.memory, self.vcpus) = (vm, memory, vcpus)
  }

  /// Gives the VM a ceiling of its own.
  func limit(to ceiling: Nanoseconds) throws(Failure) { try Self.limit(vm, to: ceiling) }

  private static func limit(_ vm: borrowing Descriptor, to ceiling: Nanoseconds) throws(Failure) {
    try checked(
      ckvm_vm_ceiling(vm.number, ceiling.count), "cannot set the VM's ceiling",
      remedy: "KVM_CAP_HALT_POLL came with Linux 5.8: leave out --ceiling.")
  }

  /// Puts the guest into memory; it computes that long at each wake, and polls that long at most.
  func load(
    busy: Nanoseconds, rings: Bool, idle: Idle = .halt, most: Nanoseconds = Nanoseconds(count: 0)
  ) throws(Failure) {
    memory.write(Guest.interruptTable.entry, at: Guest.interruptTable.offset)
    memory.write(Guest.loop(idle), at: Guest.entry)
    memory.write(Guest.answer(computes: busy.count > 0, rings: rings), at: Guest.handler)
    for vcpu in vcpus {
      let page = Guest.page(of: vcpu.id)
      if busy.count > 0 { memory.write(try vcpu.cycles(in: busy), at: page + Guest.cycles) }
      memory.write(UInt32(Guest.port(of: vcpu.id)), at: page + Guest.port)
      guard idle == .haltpoll else { continue }
      let start = Nanoseconds(count: min(Guest.growStart, most.count))
      memory.write(try vcpu.cycles(in: most), at: page + Guest.most)
      memory.write(try vcpu.cycles(in: start), at: page + Guest.start)
    }
  }

  /// What the vCPU rings from now on.
  func doorbell(of vcpu: Int) throws(Failure) -> Doorbell {
    let counter = try checked(
      ckvm_vm_doorbell(vm.number, UInt16(Guest.port(of: vcpu))), "cannot hang a doorbell",
      remedy: "Raise the limit of open files (ulimit -n), or ask for fewer --vcpus.")
    return Doorbell(Descriptor(counter))
  }

  /// How many wakes the vCPU has answered, and when it last woke, on its counter.
  func lastWake(of vcpu: Int) -> (answered: UInt32, woke: UInt64) {
    let page = Guest.page(of: vcpu)
    // The count is written behind the time, and so read before it.
    let answered = memory.read(at: page + Guest.answered)
    return (answered, memory.read64(at: page + Guest.woke))
  }

  func wake(_ vcpu: Int) throws(Failure) {
    try checked(
      ckvm_vm_signal(vm.number, UInt32(vcpu), UInt32(Guest.vector)), "cannot wake vCPU \(vcpu)",
      remedy: Self.remedy)
  }

  /// What KVM counted of halts over all vCPUs, by name, as debugfs shows it while the VM is there.
  func sums() throws(Failure) -> [String: UInt64] {
    let directory = "/sys/kernel/debug/kvm/\(getpid())-\(vm.number)"
    var sums: [String: UInt64] = [:]
    for name in Self.summed {
      sums[name] = UInt64(
        try Kernel.line(
          of: "\(directory)/\(name)",
          remedy: "Before Linux 5.14 --stats needs root and debugfs:"
            + " mount -t debugfs none /sys/kernel/debug"))
    }
    return sums
  }
  /// Those that 5.10 and all since have.
  private static let summed = [
    "halt_attempted_poll", "halt_successful_poll", "halt_poll_invalid", "halt_poll_success_ns",
    "halt_poll_fail_ns", "halt_wakeup",
  ]

  /// Wakes the vCPU answered, as it counted them; once it stopped.
  func answered(by vcpu: Int) -> UInt32 { memory.read(at: Guest.page(of: vcpu) + Guest.answered) }
}
