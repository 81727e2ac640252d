import ArgumentParser
import PollTrace
import PollTraceCapture
import PollTraceReport
import PollTraceServer

/// The command `polltrace metrics`.
struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Export KVM's halt-polling counters to Prometheus, without tracing.",
    discussion: """
      Reads what polltrace top reads. --listen answers requests for /metrics in the text format 0.0.4 or \
      OpenMetrics 1.0, and reads the counters for each of them; --textfile is for node_exporter's \
      textfile collector. Series, rules, alerts and a dashboard: docs/metrics.md.

      Needs root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. With --once and --listen all other \
      capabilities are given up at the start, but not with --trace, which needs root. Anyone who may connect \
      can read the names and process ids of the VMs: there is no password and no TLS.

      Examples:
        polltrace metrics --once
        polltrace metrics --listen 127.0.0.1:9177
        polltrace metrics --listen 127.0.0.1:9177 --trace 15m/5s
        polltrace metrics --textfile /var/lib/prometheus/node-exporter/polltrace.prom --every 15s

      Exit codes: 0 done, or ended by SIGTERM, SIGINT or SIGHUP; 1 could not be done; 2 done, but of some \
      VM nothing, or not all, could be seen (--once, --textfile without --every); 64 wrong usage.
      """)

  @Flag(help: "One look, to standard output, in the text format 0.0.4.")
  var once = false

  @Option(
    help: "One look, into this file, which is there as a whole or as it was.",
    completion: .file())
  var textfile: OSString?

  @Option(
    help: ArgumentHelp(
      "Answer over HTTP on this address and port (a port alone: on 127.0.0.1), or on sockets of a systemd unit (systemd).",
      valueName: "address:port"))
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "With --textfile: go on, and write the file anew this often (15s).", valueName: "time"))
  var every: String?

  @Flag(help: "Show each vCPU as well: seven series for each.")
  var perVcpu = false

  @Option(
    help: ArgumentHelp(
      "Also record now and then: how often, and how long (15m/5s); as root.",
      valueName: "every/for"))
  var trace: String?

  func validate() throws {
    guard [once, textfile != nil, listen != nil].count(where: { $0 }) == 1 else {
      throw ValidationError("Give one of --once, --textfile and --listen")
    }
    if every != nil, textfile == nil { throw ValidationError("--every belongs to --textfile") }
    if trace != nil, listen == nil, every == nil {
      throw ValidationError(
        "--trace: only a process that goes on can record now and then; give --listen, or --every")
    }
  }

  func run() throws {
    let pause = try every.map(interval)
    let plan = try trace.map(TracePlan.init)
    if textfile == nil, plan == nil { try Capabilities.keepOnlyLooking() }
    if let textfile {
      try MetricsFile(textfile, isPerVCPU: perVcpu).run(every: pause, plan)
    } else if let listen {
      try MetricsService(address(listen), isPerVCPU: perVcpu).run(plan)
    } else {
      let source = MetricsSource(isPerVCPU: perVcpu)
      try Output.write(source.metrics(isSingle: true).text(.text), path: nil)
      try source.close()
    }
  }

  private func interval(_ text: String) throws -> Nanoseconds {
    guard let length = Length.nanoseconds(text, bare: 1e9),
      (1_000_000_000...86_400_000_000_000).contains(length)
    else {
      throw ValidationError(
        "--every \(Untrusted(text).terminal): not a time from 1s to 24h; for example 15s")
    }
    return Nanoseconds(length)
  }

  private func address(_ text: String) throws -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw ValidationError(
        "--listen \(Untrusted(text).terminal): no numeric address with a port; for example 127.0.0.1:9177"
      )
    }
    return address
  }
}
