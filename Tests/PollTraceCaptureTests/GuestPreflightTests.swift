import PollTrace
import Testing

@testable import PollTraceCapture

struct `The check of a guest` {
  private func said(
    driver: String, governor: String, hasGovernor: Bool = true, hasPollControl: Bool = true,
    hasBuiltInDriver: Bool = false
  ) -> Preflight.Finding? {
    var idling = GuestIdling(sys: "/nowhere")
    (idling.driver, idling.governor) = (driver, governor)
    idling.parameters = hasGovernor ? GuestPollLimit.Parameters() : nil
    var leaf = [UInt8](repeating: 0, count: 16)
    leaf[1] = hasPollControl ? 0x10 : 0
    let vendor = [UInt8](repeating: 0, count: 4) + Array("KVMKVMKVM\0\0\0".utf8)
    let check = GuestPreflight(
      idling, hints: KVMHints(vendor: vendor, leaf: leaf), commandLine: "",
      hasBuiltInDriver: hasBuiltInDriver)
    return check.findings.last
  }

  @Test func `says that neither side polls where the driver has no governor`() throws {
    let found = try #require(said(driver: "haltpoll", governor: "menu", hasGovernor: false))
    #expect(
      found.detail.terminal == "cpuidle driver haltpoll, governor menu: the kernel has no haltpoll "
        + "governor: its CPUs do not poll before they halt, and the driver has switched the host's "
        + "polling off: neither side polls")
    let remedy = "CONFIG_CPU_IDLE_GOV_HALTPOLL, or this one with cpuidle.off=1"
    #expect(found.remedy?.contains(remedy) == true)
    #expect(found.state == .lacking)
  }

  @Test func `says that neither side polls where another governor was chosen`() throws {
    let found = try #require(said(driver: "haltpoll", governor: "teo"))
    #expect(found.detail.terminal.hasSuffix("polling off: neither side polls"))
    #expect(
      found.remedy == "echo haltpoll | sudo tee /sys/devices/system/cpu/cpuidle/current_governor")
  }

  @Test func `says nothing of the host where it offers no poll control`() throws {
    let found = try #require(
      said(driver: "haltpoll", governor: "menu", hasGovernor: false, hasPollControl: false))
    #expect(found.detail.terminal.hasSuffix("its CPUs do not poll before they halt"))
  }

  @Test func `names the command line where the driver is part of the kernel`() throws {
    let found = try #require(said(driver: "none", governor: "menu", hasBuiltInDriver: true))
    #expect(found.remedy == "boot with cpuidle_haltpoll.force=1 on the kernel's command line")
    #expect(said(driver: "", governor: "menu")?.remedy == "sudo modprobe cpuidle_haltpoll force=1")
  }
}
