import Testing

@testable import PollTraceStatistics

@Suite struct `The descriptors of a process` {
  private func descriptors(_ links: [String]) -> VCPUDescriptors {
    VCPUDescriptors(links.enumerated().map { (Int32($0.offset), $0.element) })
  }

  @Test func `tell its vCPUs and their statistics`() {
    let found = descriptors([
      "/dev/null", "anon_inode:kvm-vm", "anon_inode:kvm-vcpu:0", "anon_inode:kvm-vcpu-stats:0",
      "anon_inode:kvm-vcpu:12", "anon_inode:kvm-vcpu-stats:12", "anon_inode:kvm-vm-stats",
    ])
    #expect(found.vcpus == 2)
    #expect(found.statistics == [0: 3, 12: 5])
    #expect(!found.hasSeveralVMs)
  }

  @Test func `may hold a vCPU's statistics twice`() {
    let found = descriptors([
      "anon_inode:kvm-vcpu:0", "anon_inode:kvm-vcpu-stats:0", "anon_inode:kvm-vcpu-stats:0",
    ])
    #expect(found.statistics == [0: 1])
    #expect(!found.hasSeveralVMs)
  }

  @Test func `are of several VMs where a vCPU is there twice`() {
    #expect(descriptors(["anon_inode:kvm-vcpu:0", "anon_inode:kvm-vcpu:0"]).hasSeveralVMs)
  }

  @Test(
    arguments: [
      "anon_inode:kvm-vcpu-stats:", "anon_inode:kvm-vcpu-stats:-1", "anon_inode:kvm-vcpu-stats:x",
      "anon_inode:kvm-vcpu-stats:99999999999", "/tmp/anon_inode:kvm-vcpu-stats:0",
    ])
  func `are not mistaken where a link is another's`(link: String) {
    #expect(descriptors([link]).statistics.isEmpty)
    #expect(!VCPUDescriptors.isStatistics(link, of: 0))
  }
}
