import PollTrace
import PollTraceAnalysis
import PollTraceExport
import PollTraceFile
import PollTraceReplay
import PollTraceReport

/// The whole path from bytes to each thing that a user can ask `polltrace` for.
enum WholePath {
  /// Takes `input` through all of it; what must hold of any bytes is checked here.
  static func run(_ input: [UInt8]) {
    let reader: any TraceReader
    do {
      reader = try TraceFormats.open(input, path: "input")
    } catch {
      return precondition(!error.description.isEmpty)
    }
    var options = AnalysisOptions()
    let analysis = analysis(reader, options)
    precondition(analysis.passes <= 2)
    let report = Report([analysis.report])
    precondition(!report.total.measures.block.buckets.isEmpty || !report.ledger.entries.isEmpty)
    show(report, predict(report, analysis.recorded().vcpus(), Int(input.reduce(0, &+))))
    export(reader, options)
    // The same trace twice, and a part of it.
    let twice = Report([report.traces[0], report.traces[0]])
    show(twice, .notAsked("twice"))
    options.from = Nanoseconds(1_000_000)
    options.vcpus = [0]
    show(Report([self.analysis(reader, options).report]), .notAsked("a part"))
  }

  /// One thread: a run must do the same each time.
  private static func analysis(_ reader: any TraceReader, _ options: AnalysisOptions)
    -> TraceAnalysis
  {
    var request = TraceAnalysis.Request()
    request.bins = HTMLReport.bins
    request.logged = 10_000
    return TraceAnalysis(reader, options, request, threads: 1)
  }

  /// `polltrace report` in each format.
  private static func show(_ report: Report, _ advice: ReportAdvice) {
    precondition(!TextReport.text(report, advice, all: true).isEmpty)
    precondition(JSONReport.text(report, advice).hasSuffix("}\n"))
    precondition(ReportTable.text(report).hasSuffix("\n"))
    precondition(HTMLReport.text(report, advice).hasSuffix("</html>\n"))
  }

  /// `polltrace replay`, `sweep` and `recommend` in each format; gives what `report` ends with.
  ///
  /// A prediction takes a hundred times as long as the rest: of the settings that a replay can be asked
  /// for, the objectives and the limits each input gets one, which `number` chooses.
  private static func predict(
    _ report: Report, _ vcpus: [RecordedVCPU], _ number: Int
  ) -> ReportAdvice {
    let objective = Objective.allCases[number % Objective.allCases.count]
    let decided = vcpus.filter(\.figures.decisionsAreRecorded)
    let host = HostReplay(decided, threads: 1)
    if let replay = ReplayReport(host, under: grid.settings[number % 3], objective) {
      precondition(TextReplay.text(replay).hasSuffix("\n"))
      precondition(JSONReplay.text(replay).hasSuffix("}\n"))
    }
    if !decided.isEmpty {
      let sweep = Sweep(decided, grid, threads: 1)
      precondition(SweepTable.text(sweep, .balanced).hasSuffix("\n"))
      precondition(SweepTable.json(sweep, .latency).hasSuffix("}\n"))
      precondition(SweepTable.csv(sweep).hasSuffix("\n"))
    }
    var adviser = Adviser(report, threads: 1)
    (adviser.objective, adviser.grid) = (objective, grid)
    adviser.maxPollShare = number / 3 % 2 == 0 ? nil : 0.05
    // Of a handful of halts too: the way to a verdict is the longest.
    (adviser.leastHalts, adviser.leastSeconds) = (1, 0)
    guard let recommendation = adviser.advise(vcpus) else { return .notAsked("no halts") }
    precondition(TextRecommendation.text(recommendation).hasSuffix("\n"))
    precondition(JSONRecommendation.text(recommendation).hasSuffix("}\n"))
    return .recommendation(recommendation)
  }

  /// Few settings, the greatest values among them: what is replayed comes from the bytes as well.
  private static let grid = PollGrid([
    PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2),
    PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 0),
    PollParameters(ceiling: .max, grow: .max, growStart: .max, shrink: 1),
  ])

  /// `polltrace export` to each target.
  private static func export(_ reader: any TraceReader, _ options: AnalysisOptions) {
    var request = TraceAnalysis.Request()
    request.halts = true
    var analysis = TraceAnalysis(reader, options, request, threads: 1)
    var table = HaltTable(analysis.report)
    var count = 0
    let isSame = analysis.halts { batch in
      precondition(table.rows(of: batch).count { $0 == 0x0a } == batch.count)
      count += batch.count
    }
    precondition(isSame, "an export that found another trace")
    precondition(
      count == Int(Report([analysis.report]).total.measures.halts), "an export of other halts")
    guard analysis.report.trace.clock.isTime else { return }
    do {
      var timeline = try HaltTimeline(analysis.report)
      _ = try analysis.halts { batch throws(any Error) in try timeline.write(batch) { _ in } }
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
