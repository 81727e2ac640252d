import PollTrace
import PollTraceFile
import PollTraceReplay
import PollTraceReport

/// Traces read for their report and, where wanted, for replay.
struct ReadTraces {
  /// When traces are made ready for replay.
  enum Replay { case always, never, small }

  let report: Report
  /// Their vCPUs ready for replay; empty where not wanted.
  let vcpus: [RecordedVCPU]
  /// Whether they have too many halts for a replay that nobody asked for.
  let isTooLarge: Bool

  /// More halts than this are replayed only where asked for.
  private static let small: UInt64 = 1_000_000
  /// Halts that are replayed at most; of more, a sample spread over the recording is.
  private static let budget = 200_000

  /// `bins` are those of the vCPUs' timelines; nil where nobody looks at these.
  init(
    _ paths: [String], _ options: AnalysisOptions, forReplay: Replay = .always, bins: Int? = nil
  ) throws {
    var (traces, leftOut) = try Self.analysed(paths, options, bins: bins)
    report = Report(traces.map(\.report), leftOut: leftOut)
    isTooLarge = forReplay == .small && report.total.measures.halts > Self.small
    guard forReplay != .never, !isTooLarge else {
      vcpus = []
      return
    }
    traces.removeAll { !$0.report.trace.clock.isTime }
    // The traces are given back first: what becomes of their halts takes room of its own.
    var logged = traces.map { ($0.report, $0.scope, $0.logs(budget: Self.budget / paths.count)) }
    traces = []
    FreedMemory.giveBack()
    var vcpus: [RecordedVCPU] = []
    while let (report, scope, logs) = logged.popLast() {
      vcpus =
        RecordedVCPU.all(
          report, scope, logs, number: logged.count, threads: Terminal.processors) + vcpus
    }
    self.vcpus = vcpus
    FreedMemory.giveBack()
  }

  /// The traces at `paths`, read to their reports, and what became of those that could not be read.
  ///
  /// One of many hosts' traces does not keep the others from being reported; without any it throws.
  static func analysed(
    _ paths: [String], _ options: AnalysisOptions, bins: Int? = nil
  ) throws -> (traces: [AnalysedTrace], leftOut: Ledger) {
    SharedFiles.explainCuts()
    FreedMemory.keep()
    var (traces, errors, leftOut) = ([AnalysedTrace](), [TraceFileError](), Ledger())
    for path in paths {
      do throws(TraceFileError) {
        traces.append(
          try AnalysedTrace(path: path, options, bins: bins, threads: Terminal.processors))
      } catch {
        errors.append(error)
        leftOut.note(.unreadableTrace, 1, error.words)
      }
    }
    guard !traces.isEmpty || errors.isEmpty else {
      throw Refusal(description: errors.map(\.description).joined(separator: "\n"))
    }
    return (traces, leftOut)
  }
}

/// Why nothing can be predicted from a trace, or shown over time.
struct Refusal: Error, CustomStringConvertible {
  var description: String

  static func noTimeline(_ trace: TraceDescription) -> Refusal {
    Refusal(
      description: "\(trace.path): its clock \(trace.clock.name) does not count time, "
        + "so there is no timeline\n  Export it with --to csv, or record with the clock mono.")
  }

  static func nothingToReplay(_ report: Report) -> Refusal {
    if let trace = report.traces.first(where: { !$0.trace.clock.isTime }) {
      return Refusal(
        description:
          "\(trace.trace.path): its clock \(trace.trace.clock.name) does not count time, "
          + "so nothing can be predicted; record with the clock mono")
    }
    let paths = report.traces.map(\.trace.path).joined(separator: ", ")
    let offers = report.traces.filter(\.matchesNothing).map { Printable.text($0.offer) }
    guard offers.isEmpty else {
      return Refusal(
        description: "\(paths): no halts to replay: none match the filters\n  "
          + offers.joined(separator: "\n  "))
    }
    let unreadable = report.ledger.entries.filter { $0.kind == .unreadableTrace }
    let further = unreadable.map { "\n  " + Printable.text($0.detail) }.joined()
    return Refusal(
      description: "\(paths): no halts to replay; record while a VM runs "
        + "(polltrace check says what is missing)" + further)
  }
}
