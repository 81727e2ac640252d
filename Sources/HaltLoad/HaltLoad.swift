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
      print("vCPU \(vcpu.id): \(vcpu.sent) wakes sent, \(vcpu.answered) answered")
    }
    guard let file else { return }
    let report = Report(
      options: options, outcome: outcome, kernel: try Kernel.release(),
      parameters: try Kernel.parameters())
    try file.write(report.bytes(), to: options.stats ?? "")
  }
}
