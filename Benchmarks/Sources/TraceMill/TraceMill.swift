import ArgumentParser
import PollTrace

/// Writes a valid trace of any size, with the truth about it beside it.
@main
struct TraceMill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace-mill",
    abstract: "Write a trace of any size whose halts are known, for benchmarks.",
    discussion: """
      Every vCPU halts for exponentially distributed times and obeys the kernel's own rules (6.11, \
      defaults of x86). The counts go to OUTPUT.json. With --sched the vCPUs share the host CPUs, and \
      the scheduler's events of their halts are written too, as polltrace record does.
      """)

  @Option(help: "Halts in all.") var halts = 10_000_000
  @Option(help: "vCPU threads.") var vcpus = 64
  @Option(help: "Host CPUs.") var cpus = 8
  @Option(help: "Mean block, in ns.") var mean = 120_000
  @Option(help: "Seed of the random numbers.") var seed: UInt64 = 1
  @Option(help: "What to write.") var format = TraceFormat.dat
  @Flag(help: "Write sched_waking and sched_switch, too (dat only).") var sched = false
  @Option(name: .shortAndLong, help: "Where to write the trace.") var output: String

  func validate() throws {
    if sched, format != .dat { throw ValidationError("--sched takes --format dat") }
  }

  func run() throws {
    let truth: Truth
    if sched {
      var writer = try TraceWriter(path: output, cpus: cpus, hasScheduler: true)
      truth = try Host(vcpus: vcpus, cpus: cpus, mean: Double(mean), seed: seed)
        .run(halts: halts, into: &writer)
      try writer.finish()
    } else {
      var writer = try format.sink(path: output, cpus: cpus)
      truth = try Mill(vcpus: vcpus, cpus: cpus, mean: Double(mean), seed: seed)
        .run(halts: halts, into: &writer)
      try writer.finish()
    }
    try truth.write(to: output + ".json")
  }
}
