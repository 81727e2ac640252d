import Fixtures
import Testing

@testable import PollTrace

@Suite struct `A trace recorded on another kernel` {
  @Test(arguments: Fixtures.kernels.keys.sorted())
  func `has every decision reproduced by that kernel's rules`(name: String) throws {
    let report = try report(name)
    let fidelity = Figures(totalOf: report.vcpus.map(\.figures)).fidelity
    #expect(fidelity.recorded > 5)
    #expect(fidelity.reproduced == fidelity.recorded)
    #expect(fidelity.refused == 0)
    #expect(report.settings.rules.name == Fixtures.kernels[name])
  }

  @Test(arguments: Fixtures.kernels.keys.sorted())
  func `has as many polls as KVM counted, where it was asked`(name: String) throws {
    guard let truth = try Fixtures.polls(of: name) else { return }
    let counters = Figures(totalOf: try report(name).vcpus.map(\.figures)).kernelCounters
    #expect(counters.attemptedPolls == truth.attempted)
    if name == "linux-5.10" {
      // Before 5.17 KVM asked its clock twice before it polled, emulated up to half a µs apart.
      #expect(truth.successful - counters.successfulPolls <= 2)
    } else {
      #expect(counters.successfulPolls == truth.successful)
    }
  }

  @Test func `names the vCPUs of a real guest after QEMU's -name and threads`() throws {
    let vcpus = try report("guest").vcpus
    #expect(vcpus.map(\.identity.vcpu) == [0, 1])
    #expect(vcpus.allSatisfy { $0.identity.vm == "web1" })
    #expect(vcpus.allSatisfy { $0.identity.source == .trace })
  }

  @Test func `shows arm64, its parameters inferred from the decisions`() throws {
    let report = try report("arm64")
    #expect(report.sources == ParameterSources(.inferred))
    #expect(report.trace.arch == "aarch64")
    #expect(report.settings.changes[0].parameters.ceiling == 500_000)
    #expect(report.vcpus.map(\.identity.vcpu) == [0, 1])
  }
}
