import PollTrace
import Testing

@Suite("Configured parameters")
struct ConfiguredParametersTests {
  private func modprobe(_ text: String) -> [UInt32?] {
    var configured = ConfiguredParameters()
    configured.take(modprobe: text)
    return configured.values
  }

  @Test("modprobe's options of kvm, the last value of each, in every form of number")
  func options() {
    #expect(
      modprobe("options kvm halt_poll_ns=200000 halt_poll_ns_grow=2\n") == [200_000, 2, nil, nil])
    #expect(
      modprobe(
        "options\tkvm ignore_msrs=1 halt-poll-ns=0x10 halt_poll_ns_shrink=010\noptions kvm halt_poll_ns=5"
      )
        == [5, nil, nil, 8])
    #expect(modprobe("options kvm \\\n halt_poll_ns_grow_start=\"7\"") == [nil, nil, 7, nil])
  }

  @Test("Comments, other modules, and values that the kernel would refuse say nothing")
  func nothing() {
    let nothing: [UInt32?] = [nil, nil, nil, nil]
    #expect(modprobe("# options kvm halt_poll_ns=1\noptions kvm_intel halt_poll_ns=1") == nothing)
    #expect(
      modprobe("options kvm halt_poll_ns=4294967296 halt_poll_ns_grow=x\ninstall kvm true")
        == nothing)
  }

  @Test("The kernel's command line comes behind, up to what is for the first process")
  func commandLine() {
    var configured = ConfiguredParameters()
    configured.take(modprobe: "options kvm halt_poll_ns=1 halt_poll_ns_grow=3")
    configured.take(
      commandLine: "ro quiet kvm.halt_poll_ns=2 kvm_intel.nested=1 -- kvm.halt_poll_ns_grow=9\n")
    #expect(configured.values == [2, 3, nil, nil])
  }
}
