package import PollTrace

/// All that `polltrace metrics` shows at one moment.
package struct HostMetrics: Sendable {
  /// What a process that lives on knows beside a single look.
  package struct Process: Sendable {
    /// CPU time that polltrace has taken, in all its threads and recordings.
    package var cpuTime: Nanoseconds
    /// What came to all vCPUs since it was started.
    package var host: HaltCounters

    package init(cpuTime: Nanoseconds, host: HaltCounters) {
      self.cpuTime = cpuTime
      self.host = host
    }
  }

  package var version: String
  package var commit: String
  package var kernel: Untrusted
  /// In order of their labels.
  package var vms: [CounterTotals.VM]
  /// What process runs each VM; by the VM's number.
  package var identities: [Int: VMIdentity] = [:]
  /// Whether each vCPU is shown beside the VMs' sums.
  package var isPerVCPU = false
  /// What is set; nil where kvm is not loaded.
  package var parameters: PollParameters?
  /// What is configured to be set at boot, or when kvm is loaded.
  package var configured = ConfiguredParameters()
  /// How long this look took.
  package var duration: Nanoseconds
  /// Nil of a single look.
  package var process: Process?
  /// What the last recordings showed; nil where none are made.
  package var trace: TraceMetrics?

  package init(
    version: String, commit: String, kernel: Untrusted, vms: [CounterTotals.VM],
    parameters: PollParameters?, duration: Nanoseconds
  ) {
    self.version = version
    self.commit = commit
    self.kernel = kernel
    self.vms = vms
    self.parameters = parameters
    self.duration = duration
  }

  /// The text of them all.
  package func text(_ format: MetricFormat) -> String {
    MetricText.text(families, format)
  }

  private var families: [MetricFamily] {
    state + settings + vmFamilies + (isPerVCPU ? vcpuFamilies : []) + histograms
      + (trace?.families(running) ?? [])
  }

  /// The labels of the VMs that run.
  private var running: [ProcessID: Untrusted] {
    let running = vms.filter { $0.ended == nil }.map { ($0.vm.process, $0.label) }
    return Dictionary(running) { first, _ in first }
  }

  /// Whether KVM is there and no VM was refused to us.
  private var isUp: Bool {
    parameters != nil && !vms.contains { $0.ended == nil && $0.vm.lack == .refused }
  }

  private var state: [MetricFamily] {
    let running = vms.filter { $0.ended == nil }
    let sources: [CountedVM.Source] = [.counters, .debugfs, .none]
    return [
      .one(
        "polltrace_up", .gauge,
        "Whether kvm is loaded and polltrace has the right to look into every VM.",
        .count(isUp ? 1 : 0)),
      MetricFamily(
        name: "polltrace_build", kind: .info, help: "The version of polltrace, and the kernel.",
        samples: [
          .init(
            labels: [
              ("version", Untrusted(version)), ("commit", Untrusted(commit)), ("kernel", kernel),
            ], value: .count(1))
        ]),
      .one(
        "polltrace_scrape_duration_seconds", .gauge, unit: .seconds,
        "How long reading all counters took.", .time(duration.rawValue)),
      .one(
        "polltrace_cpu_seconds", .counter, unit: .seconds,
        "CPU time that polltrace itself and its recordings have taken.",
        process.map { .time($0.cpuTime.rawValue) }),
      MetricFamily(
        name: "polltrace_vms", kind: .gauge,
        help: "Running VMs by where their counts come from.",
        samples: sources.map { source in
          .init(
            labels: [("source", Untrusted(source.rawValue))],
            value: .count(UInt64(running.count { $0.vm.source == source })))
        }),
    ]
  }

  private var histograms: [MetricFamily] {
    guard let host = process?.host else { return [] }
    return [
      .histogram(
        "polltrace_halt_poll_success_seconds",
        "Lengths of polls that a wake-up ended, of all vCPUs since polltrace was started.",
        host[.successes], sum: host[.successfulPollTime]),
      .histogram(
        "polltrace_halt_poll_fail_seconds",
        "Lengths of polls that were followed by sleep, of all vCPUs since polltrace was started.",
        host[.failures], sum: host[.failedPollTime]),
      .histogram(
        "polltrace_halt_wait_seconds",
        "Time asleep of halts that slept, of all vCPUs since polltrace was started.",
        host[.waits], sum: host[.waitTime]),
    ]
  }
}
