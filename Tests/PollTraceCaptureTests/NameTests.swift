import Testing

@testable import PollTrace
@testable import PollTraceCapture

@Suite struct `A vCPU thread's name` {
  @Test(
    arguments: [
      ("CPU 3/KVM", 3), ("fc_vcpu 0", 0), ("vcpu2", 2), ("vcpu 12", 12), ("crosvm_vcpu1", 1),
      ("crosvm_vcpu 7", 7),
    ] as [(String, UInt32)])
  func `tells the vCPU's id`(name: String, id: UInt32) {
    #expect(VCPUIdentity.vcpu(named: name) == id)
  }

  @Test(arguments: ["CPU /KVM", "CPU 0/TCG", "vcpu", "vcpu_worker", "kvm", "", "fc_vcpu x"])
  func `is not mistaken where it is another's`(name: String) {
    #expect(VCPUIdentity.vcpu(named: name) == nil)
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
