import ArgumentParser
import PollTrace
import PollTraceAnalysis
import PollTraceReplay
import PollTraceReport

/// The command `polltrace report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Report what to set or keep, who polls, and how long halts are.",
    discussion: """
      Rebuilds every halt, checks each decision of the kernel against its algorithm, and opens with the \
      answer. --details adds each figure, --all every vCPU of a large host. Lines keep to the terminal's \
      width, or to COLUMNS.

      A page of HTML (--format html) needs only a browser: it adds pictures of windows, halts and \
      settings, of the 32 vCPUs that poll most if there are more.

      Examples:
        polltrace report trace.dat
        polltrace report trace.dat --format html -o report.html
        polltrace report monday.dat tuesday.dat --vm web1 --format json
        polltrace report host.dat guest.dat

      Exit codes: 0 done; 1 no trace could be read; 2 done, but something is missing from the \
      data (one of several traces, lost events, damage, contradictions), which the report names; 64 wrong usage.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, html, csv }

  @Argument(help: "Traces; - reads standard input.", completion: .file())
  var traces: [OSString]

  @Option(help: "How to show it.")
  var format = Format.text

  @Option(
    name: .shortAndLong,
    help: "Write to this file instead of standard output; it is replaced as a whole, at the end.",
    completion: .file())
  var output: OSString?

  @Flag(
    inversion: .prefixedNo,
    help: "Add a recommendation (default up to a million halts), or leave it out.")
  var recommendation: Bool?

  @Flag(
    help:
      "Add each figure to the text: vCPUs (of a large host the 32 that waste the most), choices.")
  var details = false

  @Flag(help: "Add the same of every vCPU.")
  var all = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of a guest's recording beside its host's: what to add to its times to have the host's (-1200ns).",
      valueName: "time"))
  var guestOffset: String?

  @OptionGroup var analysis: AnalysisArguments

  func validate() throws {
    if format == .html, Output.isTerminal(path: output) {
      throw ValidationError(
        "--format html: a terminal cannot show a page; for example -o report.html")
    }
  }

  func run() throws {
    let options = try analysis.options()
    // A table has no end to say it in.
    let advises = format == .csv ? false : recommendation
    let read = try AnalysedTraces(traces, options) { request in
      if format == .html { request.bins = HTMLReport.bins }
      if advises != false { request.logged = AnalysedTraces.logged / traces.count }
      if advises == nil { request.largest = Self.small / UInt64(traces.count) }
    }
    var report = read.reportOfBothSides(guestOffset: try guestOffset.map(Self.offset))
    if let refusal = Refusal.noSuchVM(options, report) { throw refusal }
    if format == .csv, let refusal = Refusal.ofBothSides(report) { throw refusal }
    if advises != false { report.addCosts(read) }
    let advice =
      advises == false
      ? .notAsked("not asked for (--no-recommendation).")
      : Self.advice(report, isAsked: advises ?? false, guest: read.guestCPUs, read.vcpus())
    let text =
      switch format {
      case .text: Terminal.spelt(TextReport.text(report, advice, Terminal.style, extent))
      case .json: JSONReport.text(report, advice)
      case .csv: ReportTable.text(report)
      case .html: HTMLReport.text(report, advice)
      }
    try Output.write(text, path: output, notOneOf: traces)
    try Completeness.check(report.ledger)
  }
}

extension ReportCommand {
  private var extent: TextReport.Extent { all ? .all : details ? .details : .answer }

  /// A time, before which - may stand.
  private static func offset(_ text: String) throws -> TimeOffset {
    if let offset = Int64(text) { return TimeOffset(offset) }
    let isNegative = text.hasPrefix("-")
    guard let length = Length.nanoseconds(isNegative ? String(text.dropFirst()) : text, bare: 1),
      let offset = Int64(exactly: length)
    else {
      throw ValidationError(
        "--guest-offset \(Untrusted(text).terminal): not a length of time; for example -1200ns or 3.5s"
      )
    }
    return isNegative ? -TimeOffset(offset) : TimeOffset(offset)
  }

  /// More halts than this are replayed only where asked for.
  private static let small: UInt64 = 1_000_000

  private static func advice(
    _ report: Report, isAsked: Bool, guest: @autoclosure () -> [GuestCPURecord],
    _ vcpus: @autoclosure () -> [RecordedVCPU]
  ) -> ReportAdvice {
    let halts = report.isGuests ? report.guestTotal.idles : report.total.measures.halts
    if !isAsked, halts > small {
      return .notAsked(
        "more than a million halts take a while; ask with --recommendation, or polltrace recommend."
      )
    }
    if report.isGuests {
      guard let replay = GuestReplay(guest(), threads: Processors.usable) else {
        return .notAsked(Refusal.nothingToReplay(report).paragraph)
      }
      return .guest(GuestAdviser(report, .balanced).advise(replay))
    }
    if report.total.measures.halts == 0, report.traces.contains(where: \.matchesNothing) {
      return .notAsked("no halts match the filters.")
    }
    return Adviser(report, threads: Processors.usable).advise(vcpus())
      .map { .recommendation($0) }
      ?? .notAsked(Refusal.nothingToReplay(report).paragraph)
  }
}

/// What every command that reads traces says at its end.
enum Completeness {
  /// Exit code 2, with what is missing on standard error, where something is.
  static func check(_ ledger: Ledger) throws {
    let missing = LedgerLine.all(of: ledger).filter { $0.kind.severity == .incomplete }
    for line in missing {
      StandardError.say("polltrace: \(line.sentence)")
      for place in line.further { StandardError.say("  \(place)") }
    }
    if !missing.isEmpty { throw ExitCode(2) }
  }
}

extension Report {
  /// Adds what either side's polling would cost, by the recordings that `read` has logged.
  fileprivate mutating func addCosts(_ read: AnalysedTraces) {
    guard sides.contains(where: { $0.vm != nil }) else { return }
    let (cpus, vcpus) = (read.guestCPUs, read.vcpus())
    for place in sides.indices where sides[place].vm != nil {
      let both = sides[place]
      let own = Set(both.pairs.map(\.cpu.cpu))
      let path = traces[both.guest].trace.path
      let threads = Set(both.pairs.map(\.vcpu.identity.thread))
      guard
        let guest = GuestReplay(
          cpus.filter { $0.path == path && own.contains($0.cpu) }, threads: Processors.usable)
      else { continue }
      sides[place].costs = SideCosts(
        both, self, guest: guest,
        host: vcpus.filter {
          $0.span.number == both.host && threads.contains($0.identity.thread)
        },
        .balanced, threads: Processors.usable)
    }
  }
}
