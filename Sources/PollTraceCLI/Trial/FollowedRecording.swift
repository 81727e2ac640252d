import PollTrace
import PollTraceAnalysis
import PollTraceCapture
import PollTraceFile

/// A trial's recording, followed while it is made.
final class FollowedRecording {
  private let pages: RecordedPages
  private var analysis: LiveAnalysis?
  /// Until when events were followed.
  private(set) var followed = Timestamp(0)
  /// How many changes of parameters are known.
  private var changes = 0

  /// So many bytes of pages may wait before they are followed, though no block ends.
  private static let most = 16 << 20

  init(_ pages: RecordedPages) { self.pages = pages }

  /// Follows what has come where that is much.
  func keepUp(_ state: RecordingState) throws {
    if pages.waiting > Self.most { try follow(state) }
  }

  /// Follows all that has happened but for the last moment.
  func follow(_ state: RecordingState) throws {
    let end = max(followed, Machine.now - LiveRecording.slack)
    var analysis = takeAnalysis(state)
    defer { self.analysis = analysis }
    let changes = state.facts.guest?.parameters.count ?? state.facts.parameters.count
    if changes != self.changes {
      self.changes = changes
      analysis.obey(state.facts)
    }
    try pages.read { cpu, pages in analysis.add(pages, of: cpu) }
    analysis.follow(until: end)
    followed = end
  }

  /// What came of each vCPU since the last time.
  func vcpus(_ state: RecordingState) -> [VCPUTrack] {
    var analysis = takeAnalysis(state)
    let tracks = analysis.harvest(at: followed, state.facts.vcpus)
    analysis.keep(Set(state.running.map(\.thread)).union(tracks.map(\.thread)))
    self.analysis = analysis
    return tracks
  }

  /// What came of each of a guest's CPUs since the last time.
  func guestCPUs(_ state: RecordingState) -> [GuestCPUTrack] {
    var analysis = takeAnalysis(state)
    let tracks = analysis.harvestGuest(at: followed)
    analysis.keep([])
    self.analysis = analysis
    return tracks
  }

  /// The analysis, moved out, as its parts are changed in place.
  private func takeAnalysis(_ state: RecordingState) -> LiveAnalysis {
    if let analysis {
      self.analysis = nil
      return analysis
    }
    return LiveAnalysis(
      LivePages(
        cpus: pages.cpus, pageSize: pages.pageSize, headerPage: pages.headerPage,
        formats: pages.formats), state.facts)
  }

  /// The threads whose VM has shown a ceiling of its own, and that in ns.
  var ownCeilings: [ThreadID: UInt32] { analysis?.ownCeilings ?? [:] }
  /// Whether parts of it cannot be read.
  var isDamaged: Bool { analysis.map { !$0.ledger.entries.isEmpty } ?? false }
}

extension RecordingState {
  /// Events that were lost until now.
  var lost: UInt64 { facts.losses.reduce(0) { $0.plus($1.events) } }
}
