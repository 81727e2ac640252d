import PollTrace
import PollTraceAnalysis
import PollTraceExport
import PollTraceFile
import PollTraceReplay
import PollTraceReport

/// Each thing that a user can ask `polltrace` for, of one trace that was read; what must hold of any
/// bytes is checked.
enum Ask: CaseIterable {
  case text, json, csv, page
  case replay, sweep, efficiency, balanced, latency
  case table, summary, perfetto, twice, part

  /// A trace that all asks share: it was read and analysed once.
  struct Subject {
    let reader: any TraceReader
    let report: Report
    let vcpus: [RecordedVCPU]
    /// The settings that sweeps and recommendations try.
    let grid: PollGrid
    /// Chooses among an ask's variants: limits, objectives, settings.
    let variant: Int
  }

  func run(_ subject: Subject) {
    switch self {
    case .text, .json, .csv, .page: show(subject.report, subject.advice)
    case .replay: subject.replay()
    case .sweep: subject.sweep()
    case .efficiency: _ = subject.recommend(.efficiency)
    case .balanced: _ = subject.recommend(.balanced)
    case .latency: _ = subject.recommend(.latency)
    case .table, .summary, .perfetto: export(subject.reader)
    case .twice:
      let trace = subject.report.traces[0]
      Self.reports[subject.variant % 4].show(Report([trace, trace]), .notAsked("twice"))
    case .part:
      var options = AnalysisOptions()
      options.from = Nanoseconds(1_000_000)
      options.vcpus = [0]
      let part = WholePath.analysis(subject.reader, options)
      Self.reports[subject.variant % 4].show(Report([part.report]), .notAsked("a part"))
    }
  }

  private static let reports: [Ask] = [.text, .json, .csv, .page]

  /// `polltrace report` in one format.
  private func show(_ report: Report, _ advice: ReportAdvice) {
    switch self {
    case .text: precondition(!TextReport.text(report, advice, Bars.Style(), .all).isEmpty)
    case .json: precondition(JSONReport.text(report, advice).hasSuffix("}\n"))
    case .csv: precondition(ReportTable.text(report).hasSuffix("\n"))
    default: precondition(HTMLReport.text(report, advice).hasSuffix("</html>\n"))
    }
  }

  /// `polltrace export` to one target.
  private func export(_ reader: any TraceReader) {
    var request = TraceAnalysis.Request()
    request.halts = true
    var analysis = TraceAnalysis(reader, AnalysisOptions(), request, threads: 1)
    if self == .table {
      var table = HaltTable(analysis.report)
      var count = 0
      let isSame = analysis.halts { batch in
        precondition(table.rows(of: batch).count { $0 == 0x0a } == batch.count)
        count += batch.count
      }
      precondition(isSame, "an export that found another trace")
      precondition(
        count == Int(Report([analysis.report]).total.measures.halts), "an export of other halts")
      return
    }
    guard analysis.report.trace.clock.isTime else { return }
    if self == .summary {
      summarize(&analysis)
    } else {
      do {
        var timeline = try HaltTimeline(analysis.report)
        _ = try analysis.halts { batch throws(any Error) in try timeline.write(batch) { _ in } }
      } catch {
        preconditionFailure("\(error)")
      }
    }
  }

  /// `polltrace export --to summary`.
  private func summarize(_ analysis: inout TraceAnalysis) {
    guard var summary = try? SummaryTable(analysis.report, every: nil) else { return }
    _ = analysis.halts { batch in summary.take(batch) }
    let halts = Report([analysis.report]).total.measures.halts
    precondition(summary.halts == halts, "a summary of other halts")
    precondition(!summary.rows(HostLabels(), of: summary.rowCount).isEmpty || summary.rowCount == 0)
  }
}

extension Ask.Subject {
  /// What a report ends with: every other one with a recommendation.
  fileprivate var advice: ReportAdvice {
    guard variant % 2 == 0 else { return .notAsked("not asked for") }
    let objective = Objective.allCases[variant / 2 % Objective.allCases.count]
    return recommend(objective).map { .recommendation($0) } ?? .notAsked("no halts")
  }

  private var decided: [RecordedVCPU] { vcpus.filter(\.figures.decisionsAreRecorded) }

  /// `polltrace replay` in each format, under one setting.
  fileprivate func replay() {
    let setting = WholePath.few.settings[variant % WholePath.few.settings.count]
    let objective = Objective.allCases[variant / 4 % Objective.allCases.count]
    let host = HostReplay(decided, threads: 1)
    guard let replay = ReplayReport(host, under: setting, objective) else { return }
    precondition(TextReplay.text(replay).hasSuffix("\n"))
    precondition(JSONReplay.text(replay).hasSuffix("}\n"))
  }

  /// `polltrace sweep` in each format.
  fileprivate func sweep() {
    guard !decided.isEmpty else { return }
    let sweep = Sweep(decided, grid, threads: 1)
    precondition(SweepTable.text(sweep, .balanced).hasSuffix("\n"))
    precondition(SweepTable.json(sweep, .latency).hasSuffix("}\n"))
    precondition(SweepTable.csv(sweep, report, HostLabels()).hasSuffix("\n"))
  }

  /// `polltrace recommend` in each format, every other time with a limit.
  fileprivate func recommend(_ objective: Objective) -> Recommendation? {
    var adviser = Adviser(report, threads: 1)
    (adviser.objective, adviser.grid) = (objective, grid)
    adviser.maxPollShare = variant % 4 < 2 ? nil : 0.05
    // Of a handful of halts too: the way to a verdict is the longest.
    (adviser.leastHalts, adviser.leastSeconds) = (1, 0)
    guard let recommendation = adviser.advise(vcpus) else { return nil }
    precondition(TextRecommendation.text(recommendation, report).hasSuffix("\n"))
    precondition(JSONRecommendation.text(recommendation).hasSuffix("}\n"))
    return recommendation
  }
}
