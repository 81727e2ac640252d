import ArgumentParser
import PollTrace
import PollTraceAnalysis
import PollTraceReplay
import PollTraceReport

/// The command `polltrace sweep`.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Predict a grid of settings, and show those that no other beats.",
    discussion: """
      Text shows the settings that no other beats on both poll CPU and wake-up latency. CSV has one \
      row a setting and VM, with columns that add up over VMs, files and hosts (docs/fleet.md). A file \
      whose name ends in .gz is compressed.

      A grid file has one setting a line: halt_poll_ns,grow,grow_start,shrink (200us,2,10us,2). \
      Empty lines and lines that begin with # are skipped.

      Example: polltrace sweep trace.dat --format csv -o sweep.csv
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, csv }

  @Argument(help: "Traces; - reads standard input.", completion: .file())
  var traces: [OSString]

  @Option(help: "Try the settings of this file instead of the standard grid.")
  var grid: OSString?

  @Option(
    help: "What a µs of latency is worth: efficiency (1 µs of CPU), balanced (4), latency (20).")
  var objective = Objective.balanced

  @Option(help: "How to show it.")
  var format = Format.text

  @Option(name: .shortAndLong, help: "Write to this file instead of standard output.")
  var output: OSString?

  @OptionGroup var labels: LabelArguments

  @OptionGroup var analysis: AnalysisArguments

  func validate() throws { _ = try labels.labels() }

  func run() throws {
    let labels = try labels.labels()
    let grid = try grid.map(GridFile.read) ?? .standard
    let read = try AnalysedTraces(forReplay: traces, try analysis.options())
    let report = read.report
    if let guest = try read.guestReplay() {
      guard self.grid == nil else {
        throw ValidationError("--grid: of a guest's recording the standard settings are tried")
      }
      var adviser = GuestAdviser()
      adviser.objective = objective
      let advice = adviser.advise(guest)
      let text =
        switch format {
        case .text: Terminal.spelt(GuestAdviceReport.sweepText(advice))
        case .json: GuestAdviceReport.sweepJSON(advice)
        case .csv: GuestAdviceReport.sweepCSV(advice)
        }
      try Output.write(text, path: output, notOneOf: traces)
      try Completeness.check(report.ledger)
      return
    }
    let vcpus = read.decidedVCPUs()
    guard !vcpus.isEmpty else { throw Refusal.nothingToReplay(report) }
    let sweep = Sweep(vcpus, grid, threads: Processors.usable)
    let text =
      switch format {
      case .text: Terminal.spelt(SweepTable.text(sweep, objective))
      case .json: SweepTable.json(sweep, objective)
      case .csv: SweepTable.csv(sweep, report, labels)
      }
    try Output.write(text, path: output, notOneOf: traces)
    try Completeness.check(report.ledger)
  }
}

/// A file of settings.
enum GridFile {
  static func read(_ path: OSString) throws -> PollGrid {
    let text = try Input.text(path: path)
    var settings: [PollParameters] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.filter { !$0.isWhitespace }
      }
      if fields == [""] || line.hasPrefix("#") || fields.first == "halt_poll_ns" { continue }
      let values = fields.compactMap(ParameterList.value)
      guard fields.count == 4, values.count == 4 else {
        throw ValidationError(
          "\(path.shown), line \(number + 1): '\(Untrusted(String(line)).terminal)' is"
            + " not halt_poll_ns,grow,grow_start,shrink")
      }
      settings.append(
        PollParameters(
          ceiling: values[0], grow: values[1], growStart: values[2], shrink: values[3]))
    }
    guard !settings.isEmpty else { throw ValidationError("\(path.shown): no setting in this file") }
    return PollGrid(settings)
  }
}
