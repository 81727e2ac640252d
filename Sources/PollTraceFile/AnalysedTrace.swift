package import PollTrace

/// A trace read to its report, which can be read again for its halts one by one.
package struct AnalysedTrace: Sendable {
  package private(set) var report: TraceReport
  /// What it was read with in the end.
  package let scope: TrackScope
  let reader: any TraceReader
  private let tracks: HostTracks
  private let threads: Int

  /// Reads the trace at `path`: once, and once more where its decisions show other settings.
  ///
  /// `bins` are those of its vCPUs' timelines; nil for none.
  package init(
    path: String, _ options: AnalysisOptions, bins: Int? = nil, threads: Int
  ) throws(TraceFileError) {
    let before = SharedFiles.state(of: path)
    self.init(try TraceFormats.open(path: path), options, bins: bins, threads: threads)
    if SharedFiles.state(of: path) != before { report.ledger.note(.changedWhileRead, 1, path) }
  }

  /// Reads what `reader` has opened.
  package init(
    _ reader: any TraceReader, _ options: AnalysisOptions, bins: Int? = nil, threads: Int
  ) {
    self.reader = reader
    self.threads = threads
    var analysis = TraceAnalysis(of: reader.description, begin: reader.begin, options)
    let axis = bins.flatMap { analysis.scope.axis(reader.begin, reader.end, bins: $0) }
    let keeps = axis.map { TrackScope.Keeps.timeline($0) } ?? .nothing
    var reading = reader.tracks(in: analysis.scope.keeping(keeps), threads: threads)
    while analysis.learns(from: reading.tracks) {
      reading = reader.tracks(in: analysis.scope.keeping(keeps), threads: threads)
    }
    report = analysis.report(of: reading.tracks, reading.tally, opening: reader.ledger)
    scope = analysis.scope
    tracks = reading.tracks
    if let bins { addTimelines(bins: bins, expected: axis) }
  }

  /// The halts one by one of each vCPU thread: of `budget` halts or fewer all, of more a sample.
  package func logs(budget: Int) -> [ThreadID: HaltLog] {
    guard let first = report.tally.first, let last = report.tally.last else { return [:] }
    return reader.logs(
      of: tracks, in: scope, from: first, to: last + Nanoseconds(1), budget: budget,
      threads: threads)
  }

  /// Gives the report its vCPUs' timelines of `bins` bins; reads the trace once more where its first
  /// and last event were not those `expected`.
  private mutating func addTimelines(bins: Int, expected: Timeline.Axis?) {
    guard let axis = scope.axis(report.tally.first, report.tally.last, bins: bins) else { return }
    let tracks =
      axis == expected
      ? tracks : reader.tracks(in: scope.keeping(.timeline(axis)), threads: threads).tracks
    let timelines = Dictionary(
      uniqueKeysWithValues: tracks.tracks.map { ($0.thread, $0.timeline) })
    report.axis = axis
    for index in report.vcpus.indices {
      report.vcpus[index].timeline = timelines[report.vcpus[index].identity.thread]
    }
  }
}

extension TrackScope {
  /// The axis of timelines of a trace whose first and last event were then.
  fileprivate func axis(_ first: Timestamp?, _ last: Timestamp?, bins: Int) -> Timeline.Axis? {
    guard let first, let last else { return nil }
    return Timeline.Axis(begin: max(first, from), end: min(last, to), bins: bins)
  }
}
