import ArgumentParser
import PollTrace
import PollTraceAnalysis
import PollTraceReplay
import PollTraceReport

/// The command `polltrace replay`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Predict what the recorded guests would have done under another setting.",
    discussion: """
      Replays the kernel's own rule over the recorded wake events: with their latencies, the polls \
      that the scheduler would have ended, and what each change moves afterwards. Parameters that \
      are not named stay as recorded; without any, the recorded setting is replayed, which shows \
      how well the model fits. A ceiling is predicted for every VM, also for one with a ceiling \
      of its own.

      Example: polltrace replay trace.dat --halt-poll-ns 50us
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "Traces; - reads standard input.", completion: .file())
  var traces: [OSString]

  @OptionGroup var setting: SettingArguments

  @Option(
    help:
      "What a µs of wake-up latency is worth: efficiency (1 µs of CPU), balanced (4), latency (20)."
  )
  var objective = Objective.balanced

  @Option(help: "How to show it.")
  var format = Format.text

  @Option(name: .shortAndLong, help: "Write to this file instead of standard output.")
  var output: OSString?

  @OptionGroup var analysis: AnalysisArguments

  func run() throws {
    let read = try AnalysedTraces(forReplay: traces, try analysis.options())
    let recording = read.report
    if let guest = try read.guestReplay() {
      let wanted = try setting.overrides().applied(to: guest.parameters)
      let text =
        switch format {
        case .text: Terminal.spelt(GuestReplayReport.text(guest, under: wanted, objective))
        case .json: GuestReplayReport.json(guest, under: wanted, objective)
        }
      try Output.write(text, path: output, notOneOf: traces)
      try Completeness.check(recording.ledger)
      return
    }
    let host = HostReplay(read.decidedVCPUs(), threads: Processors.usable)
    guard let recorded = host.parameters else { throw Refusal.nothingToReplay(recording) }
    let wanted = try setting.overrides().applied(to: recorded)
    guard let report = ReplayReport(host, under: wanted, objective) else {
      throw Refusal.nothingToReplay(recording)
    }
    let text =
      switch format {
      case .text: Terminal.spelt(TextReplay.text(report))
      case .json: JSONReplay.text(report)
      }
    try Output.write(text, path: output, notOneOf: traces)
    try Completeness.check(recording.ledger)
  }
}

extension Objective: ExpressibleByArgument {}

/// The parameters of a setting that a user names.
struct SettingArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "halt_poll_ns: the longest window (200us, 200000); 0 switches polling off.",
      discussion: "Of a guest's recording guest_halt_poll_ns, and so the others."))
  var haltPollNs: String?

  @Option(help: "halt_poll_ns_grow: the factor by which a window grows.")
  var grow: UInt32?

  @Option(help: "halt_poll_ns_grow_start: the shortest window (10us).")
  var growStart: String?

  @Option(help: "halt_poll_ns_shrink: the divisor by which a window shrinks; 0 closes it.")
  var shrink: UInt32?

  @Option(help: "guest_halt_poll_allow_shrink (Y or N), of a guest's recording.")
  var allowShrink: String?

  func overrides() throws -> AnalysisOptions.Overrides {
    var overrides = AnalysisOptions.Overrides()
    overrides.ceiling = try haltPollNs.map { try Self.length($0, "--halt-poll-ns") }
    overrides.grow = grow
    overrides.growStart = try growStart.map { try Self.length($0, "--grow-start") }
    overrides.shrink = shrink
    overrides.allowsShrink = try allowShrink.map { text in
      guard let allows = ParameterList.flag(text) else {
        throw ValidationError("--allow-shrink \(Untrusted(text).terminal): Y or N")
      }
      return allows
    }
    return overrides
  }

  private static func length(_ text: String, _ option: String) throws -> UInt32 {
    guard let value = ParameterList.value(text) else {
      throw ValidationError(
        "\(option): '\(Untrusted(text).terminal)' is not a time from 0 to 4.29 s; for example 200us"
      )
    }
    return value
  }
}
