package import PollTrace

extension TraceReader {
  /// The trace's report: read once, and once more where its decisions show other settings.
  package func report(_ options: AnalysisOptions, threads: Int) -> TraceReport {
    var analysis = TraceAnalysis(of: description, begin: begin, options)
    var reading = tracks(in: analysis.scope, threads: threads)
    while analysis.learns(from: reading.tracks) {
      reading = tracks(in: analysis.scope, threads: threads)
    }
    return analysis.report(of: reading.tracks, reading.tally, opening: ledger)
  }
}
