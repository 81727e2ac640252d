internal import PollTrace

/// How this machine, where it is a guest, polls before it halts; looking changes nothing.
package struct GuestPreflight: Hashable, Sendable {
  package private(set) var findings: [Preflight.Finding] = []

  /// What was found of this machine; none where it is no guest.
  package init() {
    let processor = Paths.text("/proc/cpuinfo") ?? ""
    guard processor.contains(" hypervisor") else {
      self.init(findings: [])
      return
    }
    let root = TraceFS.directory
    self.init(
      GuestIdling(), hints: KVMHints.read(), commandLine: Paths.line("/proc/cmdline") ?? "",
      hasBuiltInDriver: Paths.exists(Self.driver) && !Paths.exists("\(Self.driver)/initstate"),
      missing: EventName.guest.filter { event in
        root.map { !Paths.exists("\($0)/\(event.directory)") } ?? true
      }.map { "\($0.system):\($0.name)" })
  }

  private init(findings: [Preflight.Finding]) { self.findings = findings }

  /// The module of haltpoll's driver; one that is part of the kernel has no initstate.
  private static let driver = "/sys/module/cpuidle_haltpoll"

  /// The same of a guest that idles as `idling` says, under the kernel's command line, with what KVM offers.
  init(
    _ idling: GuestIdling, hints: KVMHints?, commandLine: String, hasBuiltInDriver: Bool = false,
    missing events: [String] = []
  ) {
    lookAtCPUID(hints)
    let idle = commandLine.split(separator: " ").last { $0.hasPrefix("idle=") }
    if let idle {
      add(
        .lacking, "idle", "\(Untrusted(String(idle))) on the command line: haltpoll does not load",
        "remove it from the kernel's command line")
    }
    let words: Untrusted =
      "cpuidle driver \(Untrusted(idling.driver.isEmpty ? "none" : idling.driver)), governor "
      + "\(Untrusted(idling.governor.isEmpty ? "none" : idling.governor))"
    guard idling.pollsItself, let parameters = idling.parameters else {
      lookAtDriver(idling, words, hints, isBuiltIn: hasBuiltInDriver)
      return
    }
    add(.present, "guest", words)
    lookAt(parameters, hints)
    for event in events {
      add(
        .lacking, "event", "\(Untrusted(event)) is not there: polltrace record --guest needs it",
        "boot a kernel of 6.0 or newer")
    }
  }

  private mutating func add(
    _ state: Preflight.Finding.State, _ subject: String, _ detail: Untrusted,
    _ remedy: String? = nil
  ) {
    findings.append(
      Preflight.Finding(state: state, subject: subject, detail: detail, remedy: remedy))
  }

  /// Its CPUs do not poll: which of driver and governor is missing, and whether the host polls for them.
  ///
  /// The driver switches the host's polling off on every CPU, whatever the governor is (`haltpoll_cpu_online()` of
  /// linux drivers/cpuidle/cpuidle-haltpoll.c). The kernels of Debian 12 have the driver without the governor.
  private mutating func lookAtDriver(
    _ idling: GuestIdling, _ words: Untrusted, _ hints: KVMHints?, isBuiltIn: Bool
  ) {
    let hasDriver = idling.driver == "haltpoll"
    let hasGovernor = idling.parameters != nil
    let host: Untrusted =
      hasDriver && hints?.hasPollControl != false
      ? ", and the driver has switched the host's polling off: neither side polls" : ""
    let remedy =
      switch (hasDriver, hasGovernor) {
      case (true, true): "echo haltpoll | sudo tee /sys/devices/system/cpu/cpuidle/current_governor"
      case (true, false):
        "boot a kernel with CONFIG_CPU_IDLE_GOV_HALTPOLL, or this one with cpuidle.off=1: then the host polls"
      case (false, true):
        isBuiltIn
          ? "boot with cpuidle_haltpoll.force=1 on the kernel's command line"
          : "sudo modprobe cpuidle_haltpoll force=1"
      case (false, false):
        "boot a kernel with CONFIG_CPU_IDLE_GOV_HALTPOLL and CONFIG_HALTPOLL_CPUIDLE"
      }
    let lack: Untrusted = hasGovernor ? "" : "the kernel has no haltpoll governor: "
    add(
      .lacking, "guest", "\(words): \(lack)its CPUs do not poll before they halt\(host)", remedy)
  }

  private mutating func lookAtCPUID(_ hints: KVMHints?) {
    guard let hints else { return }
    add(
      .present, "KVM hints",
      hints.isRealtime
        ? "KVM_HINTS_REALTIME: the vCPUs have CPUs of their own, as the host says"
        : "no KVM_HINTS_REALTIME: haltpoll loads with cpuidle_haltpoll.force=1 only")
    add(
      .present, "KVM poll",
      hints.hasPollControl
        ? "poll control is offered: with haltpoll loaded the host does not poll for this guest"
        : "no poll control: the host polls as well, after the guest has")
  }

  private mutating func lookAt(_ parameters: GuestPollLimit.Parameters, _ hints: KVMHints?) {
    let values = zip(GuestPollLimit.Parameters.shortNames, parameters.values)
      .map { "\($0) \($1)" }.joined(separator: ", ")
    add(.present, "guest", Untrusted(values))
    if parameters.most == 0 {
      let host: Untrusted =
        hints?.hasPollControl == true
        ? ", and switches the host's polling off: neither side polls" : ": the guest does not poll"
      add(
        .lacking, "guest", "haltpoll is loaded with guest_halt_poll_ns 0\(host)",
        "echo 200000 | sudo tee \(GuestIdling.folder)/guest_halt_poll_ns")
    } else if parameters.growStart > parameters.most {
      add(
        .lacking, "guest",
        "grow_start \(parameters.growStart) is above guest_halt_poll_ns \(parameters.most): limits are"
          + " the maximum at once, and close at the first shrink",
        "echo \(parameters.most) | sudo tee \(GuestIdling.folder)/guest_halt_poll_grow_start")
    }
  }
}

/// What KVM offers its guests, by CPUID (linux Documentation/virt/kvm/x86/cpuid.rst).
struct KVMHints: Hashable, Sendable {
  /// KVM_HINTS_REALTIME, bit 0 of edx.
  var isRealtime: Bool
  /// KVM_FEATURE_POLL_CONTROL, bit 12 of eax.
  var hasPollControl: Bool

  /// Where KVM's leaves begin (KVM_CPUID_SIGNATURE), and so many bytes hold one.
  private static let signature: UInt64 = 0x4000_0000, length = 16

  /// Those of this machine, as /dev/cpu/0/cpuid shows them; nil where that is not there, or it is no guest of
  /// KVM.
  static func read() -> KVMHints? {
    guard let vendor = Paths.bytes("/dev/cpu/0/cpuid", at: signature, count: length),
      let leaf = Paths.bytes("/dev/cpu/0/cpuid", at: signature + 1, count: length)
    else { return nil }
    return KVMHints(vendor: vendor, leaf: leaf)
  }

  /// Those in the registers eax, ebx, ecx and edx of the two leaves.
  init?(vendor: [UInt8], leaf: [UInt8]) {
    guard vendor.count == Self.length, leaf.count == Self.length,
      Array(vendor[4...]) == Array("KVMKVMKVM\0\0\0".utf8)
    else { return nil }
    isRealtime = leaf[12] & 1 != 0
    hasPollControl = leaf[1] & 0x10 != 0
  }
}
