import ArgumentParser
import PollTrace
import PollTraceAnalysis
import PollTraceReplay
import PollTraceReport

/// The command `polltrace recommend`.
struct RecommendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend",
    abstract: "Recommend a setting for the recorded guests, with how sure that is and why.",
    discussion: """
      Tries a grid of settings on the recorded wake events and weighs poll CPU against wake-up \
      latency. Changes nothing: it prints the commands that would.

      An objective says what a µs of a guest's waiting is worth. \
      \(Objective.allCases.map { "\($0.rawValue): \($0.explanation)." }.joined(separator: " "))

      With --max-wake-latency the least polling is looked for that keeps the limit, whatever the \
      objective, and what else could keep it is named where no setting does.

      Example: polltrace recommend trace.dat --objective efficiency --max-poll-cpu 5
      Example: polltrace recommend trace.dat --max-wake-latency p99=50us
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "Traces; - reads standard input.", completion: .file())
  var traces: [OSString]

  @Option(help: "What to weigh: efficiency, balanced or latency.")
  var objective = Objective.balanced

  @Option(
    help: ArgumentHelp(
      "The most that polling may take, in percent of a CPU per vCPU.", valueName: "pct"),
    transform: Percent.share)
  var maxPollCpu: Double?

  @Option(
    help: ArgumentHelp(
      "The wake-up latency to keep: the least polling that does is looked for (p99=50us).",
      discussion: "p50, p99, p999 or mean of all halts, = and a time with its unit.",
      valueName: "limit"))
  var maxWakeLatency: WakeLatencyLimit?

  @Option(help: "Try the settings of this file instead of the standard grid.")
  var grid: OSString?

  @Option(help: "How to show it.")
  var format = Format.text

  @Option(name: .shortAndLong, help: "Write to this file instead of standard output.")
  var output: OSString?

  @OptionGroup var analysis: AnalysisArguments

  func run() throws {
    let read = try AnalysedTraces(forReplay: traces, try analysis.options())
    let report = read.report
    if let guest = try read.guestReplay() {
      guard grid == nil else {
        throw ValidationError("--grid: of a guest's recording the standard settings are tried")
      }
      guard maxWakeLatency == nil else {
        throw ValidationError(
          "--max-wake-latency: how late a guest's CPU wakes is known in the mean only; ask its host's "
            + "recording")
      }
      let advice = GuestAdviser(report, objective, maxPollShare: maxPollCpu).advise(guest)
      let text =
        switch format {
        case .text: Terminal.spelt(GuestAdviceReport.text(advice))
        case .json: GuestAdviceReport.json(advice)
        }
      try Output.write(text, path: output, notOneOf: traces)
      try Completeness.check(report.ledger)
      return
    }
    var adviser = Adviser(report, objective, maxPollShare: maxPollCpu)
    adviser.maxWakeLatency = maxWakeLatency
    if let grid { adviser.grid = try GridFile.read(grid) }
    guard let recommendation = adviser.advise(read.vcpus()) else {
      throw Refusal.nothingToReplay(report)
    }
    let text =
      switch format {
      case .text: Terminal.spelt(TextRecommendation.text(recommendation, report, Terminal.style))
      case .json: JSONRecommendation.text(recommendation)
      }
    try Output.write(text, path: output, notOneOf: traces)
    try Completeness.check(report.ledger)
  }
}
