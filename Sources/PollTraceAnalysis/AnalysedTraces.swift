package import PollTrace
package import PollTraceFile
package import PollTraceReplay

/// Several traces analysed one after the other, for one report.
package struct AnalysedTraces: Sendable {
  /// In the order of their paths.
  package var analyses: [TraceAnalysis]
  /// What became of traces that could not be read.
  private let leftOut: Ledger

  /// None of the traces could be read.
  package struct Unreadable: Error {
    package var errors: [TraceFileError]
  }

  /// Halts that are logged at most for a replay; of more, a sample spread over the recordings is.
  package static let logged = 120_000

  /// Analyses the traces at `paths`.
  ///
  /// One of many hosts' traces does not keep the others from being reported.
  /// - Throws: `Unreadable` where none can be read.
  package init(
    _ paths: [OSString], _ options: AnalysisOptions, _ request: TraceAnalysis.Request, threads: Int
  ) throws(Unreadable) {
    SharedFiles.explainCuts()
    FreedMemory.keep()
    var (analyses, errors, leftOut) = ([TraceAnalysis](), [TraceFileError](), Ledger())
    for path in paths {
      do throws(TraceFileError) {
        analyses.append(try TraceAnalysis(path: path, options, request, threads: threads))
      } catch {
        errors.append(error)
        leftOut.note(.unreadableTrace, 1, error.words)
      }
    }
    guard !analyses.isEmpty || errors.isEmpty else { throw Unreadable(errors: errors) }
    (self.analyses, self.leftOut) = (analyses, leftOut)
  }

  package var report: Report { Report(analyses.map(\.report), leftOut: leftOut) }

  /// The CPUs of guests' traces ready for replay.
  package var guestCPUs: [GuestCPURecord] {
    analyses.enumerated().flatMap { $1.guestCPUs(number: $0) }
  }

  /// Their vCPUs ready for replay; the traces are given back first, as what becomes of their halts
  /// takes room of its own.
  package consuming func vcpus() -> [RecordedVCPU] {
    var recorded: [RecordedTrace] = []
    while !analyses.isEmpty { recorded.append(analyses.removeLast().recorded()) }
    FreedMemory.giveBack()
    var vcpus: [RecordedVCPU] = []
    var number = 0
    while !recorded.isEmpty {
      vcpus += recorded.removeLast().vcpus(number: number)
      number += 1
    }
    FreedMemory.giveBack()
    return vcpus
  }
}
