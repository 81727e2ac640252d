import Testing

@testable import PollTrace
@testable import PollTraceCapture

@Suite struct `A vCPU thread's name` {
  @Test(
    arguments: [
      ("CPU 3/KVM", 3), ("fc_vcpu 0", 0), ("vcpu2", 2), ("vcpu 12", 12), ("crosvm_vcpu1", 1),
      ("crosvm_vcpu 7", 7), ("kvm-vcpu-3", 3), ("vp-3", 3), ("db_vcpu3", 3), ("vcpu_3", 3),
      ("vcpu-3", 3), ("VCPU3", 3), ("vCPU 4", 4), ("propolis-vcpu-3", 3), ("vm-vcpu-3", 3),
      ("vcpu3-web", 3), ("CPU 110/KVM", 110), ("web1 vcpu10", 10), ("vcpu 1 of vcpu2", 2),
    ] as [(String, UInt32)])
  func `tells the vCPU's id`(name: String, id: UInt32) {
    #expect(VCPUThreadName.vcpu(in: name) == id)
  }

  @Test(
    arguments: [
      "CPU /KVM", "CPU 0/TCG", "vcpu", "vcpu_worker", "kvm", "", "fc_vcpu x", "qemu-system-x86",
      "vp-", "vp-3a", "vp-2HBDCA", "svp-3", "vcpu3rd", "vcpu--3", "vcpu99999999999", "vcpu-",
      "vhost-4711", "kvm-pit/4711", "vcpu\u{664}",
    ])
  func `is not mistaken where it is another's`(name: String) {
    #expect(VCPUThreadName.vcpu(in: name) == nil)
  }
}

@Suite struct `The kernel's filter by name` {
  /// What the kernel's `~` makes of a name: `*` stands for anything.
  private func passes(_ name: String, _ glob: String) -> Bool {
    let parts = glob.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    var rest = Substring(name)
    for (place, part) in parts.enumerated() {
      if place == 0 {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
      } else if place == parts.count - 1 {
        return rest.hasSuffix(part)
      } else {
        guard let found = rest.firstRange(of: part) else { return false }
        rest = rest[found.upperBound...]
      }
    }
    return rest.isEmpty
  }

  @Test(
    arguments: [
      "CPU 0/KVM", "fc_vcpu 0", "vcpu0", "crosvm_vcpu1", "kvm-vcpu-3", "vp-3", "db_vcpu3", "VCPU3",
      "vCPU 4", "vcpu3-web",
    ])
  func `lets every vCPU's pass that the report knows`(name: String) {
    #expect(VCPUThreadName.vcpu(in: name) != nil)
    #expect(VCPUThreadName.globs.contains { passes(name, $0) })
  }

  @Test(arguments: ["CPU 0/TCG", "qemu-system-x86", "vhost-4711", "swapper/0", "mvp-1"])
  func `keeps others out`(name: String) {
    #expect(!VCPUThreadName.globs.contains { passes(name, $0) })
  }
}

@Suite struct `A VM's name` {
  @Test(
    arguments: [
      (["qemu-system-x86_64", "-name", "guest=web,debug-threads=on"], "web"),
      (["qemu-system-x86_64", "-name", "web,process=x"], "web"),
      (["qemu-system-x86_64", "-m", "1G"], ""),
      (["firecracker", "--id", "fc-1", "--api-sock", "a"], "fc-1"),
      (["firecracker", "--id=fc-1"], "fc-1"),
      (["crosvm", "run", "--name", "arc"], "arc"),
      (["qemu-system-x86_64", "-name"], ""),
    ] as [([String], String)])
  func `comes from its command line`(arguments: [String], name: String) {
    #expect(VMName.name(arguments) == name)
  }

  @Test(
    arguments: [
      (["qemu-system-x86_64", "-name", "web", "-uuid", "4f3a-1"], "4f3a-1"),
      (["qemu-system-x86_64", "-uuid"], ""),
      (["firecracker", "--id", "fc-1"], ""),
    ] as [([String], String)])
  func `and its UUID too`(arguments: [String], uuid: String) {
    #expect(VMName.uuid(arguments) == uuid)
  }
}

@Suite struct `A recorder's instance` {
  @Test func `is known by its name`() {
    #expect(RecorderID.names(instance: RecorderID.own.instance))
  }

  @Test(arguments: ["polltrace", "polltrace-1", "polltrace-a-b", "polltrace-1-2-3", "mine"])
  func `is not mistaken for somebody else's`(name: String) {
    #expect(!RecorderID.names(instance: name))
  }
}
