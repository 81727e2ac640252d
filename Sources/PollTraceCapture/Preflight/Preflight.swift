package import PollTrace

/// What this host has and lacks for recording; looking changes nothing.
package struct Preflight: Hashable, Sendable {
  /// One thing that was looked at.
  package struct Finding: Hashable, Sendable {
    package enum State: Hashable, Sendable {
      case present
      /// Recording works without it, and lacks something.
      case lacking
      /// Recording is impossible without it.
      case missing
    }
    package var state: State
    /// What was looked at.
    package var subject: String
    /// What was found.
    package var detail: Untrusted
    /// The one command that fixes it; nil where nothing needs fixing.
    package var remedy: String?

    package init(state: State, subject: String, detail: Untrusted, remedy: String? = nil) {
      self.state = state
      self.subject = subject
      self.detail = detail
      self.remedy = remedy
    }
  }

  /// A running VM.
  package struct VM: Hashable, Sendable {
    package var process: ProcessID
    package var name: Untrusted
    package var threads: [RecordedFacts.VCPUThread]
  }

  package private(set) var findings: [Finding] = []
  package private(set) var vms: [VM] = []

  /// Whether `polltrace record` can work here.
  package var canRecord: Bool { !findings.contains { $0.state == .missing } }

  /// Looks at this host.
  package init() {
    lookAtTracing()
    guard !Self.isGuest else {
      add(.lacking, "kvm", "not loaded: polltrace record records this guest's own polling")
      return
    }
    lookAtKVM()
    lookAtVMs()
  }

  /// Whether it is a guest's own polling that can be recorded here: `GuestPreflight` looks at that.
  private static let isGuest = Recorder.isGuestWithoutKVM

  private mutating func add(
    _ state: Finding.State, _ subject: String, _ detail: Untrusted, _ remedy: String? = nil
  ) {
    findings.append(Finding(state: state, subject: subject, detail: detail, remedy: remedy))
  }

  private mutating func lookAtTracing() {
    guard let root = TraceFS.directory else {
      let isTwice = Paths.isDirectory("/sys/kernel/tracing")
      add(
        .missing, "tracefs", isTwice ? "not mounted" : "this kernel has none",
        isTwice
          ? "sudo mount -t tracefs nodev /sys/kernel/tracing"
          : "boot a kernel with CONFIG_FTRACE, as Debian's are")
      return
    }
    if let refusal = Paths.refusal(toWrite: "\(root)/instances") {
      let what = refusal.isReadOnly ? "mounted read-only" : "the right to write there is missing"
      add(
        .missing, "tracefs", "\(root)/instances: \(what)", CaptureError.grant(after: refusal))
      return
    }
    add(.present, "tracefs", "\(root), writable")
    let clocks = (Paths.line("\(root)/trace_clock") ?? "").split { " []".contains($0) }
    if clocks.contains("mono") {
      add(.present, "clock", "mono")
    } else {
      add(
        .lacking, "clock", "no mono (there are: \(clocks.joined(separator: ", ")))",
        "polltrace record --clock global")
    }
    if !Self.isGuest { lookAtEvents(root) }
    let stale = StaleInstances.names
    guard !stale.isEmpty else { return }
    add(
      .lacking, "instances",
      "\(stale.joined(separator: ", ")): left by recorders that were killed; the next polltrace record"
        + " removes them")
  }

  private mutating func lookAtEvents(_ root: String) {
    for event in EventName.kvm + EventName.sched {
      let name: Untrusted = "\(event.system):\(event.name)"
      if Paths.exists("\(root)/\(event.directory)") {
        add(.present, "event", name)
      } else if event.system == "sched" {
        add(.lacking, "event", "\(name) is not there", "polltrace record --no-sched")
      } else {
        add(.missing, "event", "\(name) is not there", Self.loadKVM)
      }
    }
  }

  private mutating func lookAtKVM() {
    guard Paths.isDirectory("/sys/module/kvm") else {
      add(.missing, "kvm", "not loaded", Self.loadKVM)
      return
    }
    let module = KVMModule.onThisHost
    let linkage = module?.linkage == .builtIn ? "built in" : "loaded"
    add(.present, "kvm", Paths.exists("/dev/kvm") ? "\(linkage), /dev/kvm" : "\(linkage)")
    if let profile = module?.tunedProfile {
      add(.present, "tuned", "sets kvm's parameters at its start: \(profile)")
    }
    guard let parameters = ModuleParameters.read() else {
      add(
        .lacking, "parameters", "\(ModuleParameters.directory)/halt_poll_ns* cannot be read",
        "polltrace report --parameters halt_poll_ns=…,grow=…,grow_start=…,shrink=…")
      return
    }
    add(
      .present, "parameters",
      "halt_poll_ns \(parameters.ceiling), grow \(parameters.grow), grow_start"
        + " \(parameters.growStart), shrink \(parameters.shrink)")
  }

  /// The module fits the processor; kvm is built in elsewhere.
  private static var loadKVM: String {
    let processor = Paths.text("/proc/cpuinfo") ?? ""
    if processor.contains("GenuineIntel") { return "sudo modprobe kvm_intel" }
    return processor.contains("AuthenticAMD") ? "sudo modprobe kvm_amd" : "sudo modprobe kvm"
  }

  private mutating func lookAtVMs() {
    var scan = VCPUScan()
    _ = scan.update()
    vms = scan.running.map {
      VM(process: $0.process, name: Untrusted($0.name), threads: $0.threads)
    }
    guard !vms.isEmpty else {
      add(.lacking, "VMs", "none runs now; those that start while recording are recorded")
      return
    }
    for vm in vms {
      let name: Untrusted = vm.name.isEmpty ? "" : " \"\(vm.name)\""
      let ids = vm.threads.map { thread in
        "\(thread.thread.rawValue)\(thread.vcpu.map { " (vCPU \($0))" } ?? "")"
      }
      let shown = ids.prefix(8).joined(separator: ", ") + (ids.count > 8 ? ", …" : "")
      add(.present, "VM", "process \(vm.process.rawValue)\(name), \(ids.count) threads: \(shown)")
    }
  }
}
