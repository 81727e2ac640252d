import ArgumentParser
import Glibc

/// The command `haltload`.
@main struct HaltLoad: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "haltload",
    abstract: "Run a tiny VM whose vCPUs halt and are woken on a known schedule.",
    discussion: "Times take ns, us, ms or s: 120us. A bare number is in ns.")

  @OptionGroup var options: Options

  func run() throws {
    let file = try options.stats.map { path throws(Failure) in
      try Descriptor(
        opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644, "cannot write \(path)",
        remedy: "Give --stats a file you may write.")
    }
    let outcome = try Load(options).run()
    for vcpu in outcome.vcpus where !options.quiet {
      print(
        "vCPU \(vcpu.id): \(vcpu.sent) wakes sent, \(vcpu.answered) answered\(words(vcpu.latency))")
    }
    // Nested, KVM may take the setting without effect.
    let exits = outcome.vcpus.compactMap(\.haltExits).reduce(0, +)
    if options.exits == .hlt, exits > 0 {
      print("KVM took --exits hlt, and HLT left the guest \(exits) times nevertheless")
    }
    guard let file else { return }
    let report = Report(
      options: options, outcome: outcome, kernel: try Kernel.release(),
      parameters: try Kernel.parameters())
    try file.write(report.bytes(), to: options.stats ?? "")
  }

  /// How late the guest's first instruction was.
  private func words(_ latency: WakeLatency?) -> String {
    guard let latency, let half = latency.quantile(0.5), let most = latency.quantile(0.99) else {
      return ""
    }
    return "; the guest ran \(half) ns after a wake (p50), \(most) ns (p99)"
  }
}
