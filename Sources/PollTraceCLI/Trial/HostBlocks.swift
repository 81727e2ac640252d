import PollTrace
import PollTraceAnalysis
import PollTraceCapture
import PollTraceFile
import PollTraceStatistics
import PollTraceTrial

/// A host's blocks: halts as they are recorded, and KVM's own counters beside.
final class HostBlocks: BlockSource {
  private struct Live {
    let pages: RecordedPages
    var analysis: LiveAnalysis?
    /// Until when events were followed.
    var followed = Timestamp(0)
    var changes = 0
  }

  private var live: Live?
  private let statistics = KVMStatistics()
  private var counters = CounterWatch()
  private var load = LoadWatch()
  /// Decisions of each thread that the rules did not give until the last look; those in measured time.
  private var contradictions: [ThreadID: UInt64] = [:]
  private var contradicted: UInt64 = 0
  private var isDamaged = false
  private var ownCeilings: Set<ThreadID> = []
  private var begun: (time: Timestamp, lost: UInt64) = (Timestamp(0), 0)

  /// So many bytes of pages may wait before they are followed, though no block ends.
  private static let most = 16 << 20
  /// So many changes of parameters are told apart.
  private static let mostChanges = 8

  func begin(_ pages: RecordedPages) { live = Live(pages: pages) }

  func keepUp(_ state: RecordingState) throws {
    // Lets go of VMs that have ended.
    _ = statistics.wait(for: .zero)
    if let live, live.pages.waiting > Self.most { try follow(state) }
  }

  func settle(_ state: RecordingState) throws {
    try follow(state)
    _ = newContradictions(harvest(state))
    begun = (live?.followed ?? Timestamp(0), Self.lost(state))
    _ = counters.take(statistics.sample())
    load.begin()
  }

  func measure(
    _ state: RecordingState
  ) throws -> (measure: BlockMeasure, counted: BlockMeasure?) {
    let frame = counters.take(statistics.sample())
    try follow(state)
    let tracks = harvest(state)
    contradicted += newContradictions(tracks)
    let halted = tracks.count { $0.measures.halts > 0 }
    let running = state.running.count { $0.vcpu != nil }
    var measure = BlockMeasure(
      tracks, length: (live?.followed ?? begun.time) - begun.time, cpus: max(halted, running))
    measure.lost = Self.lost(state) - begun.lost
    load.put(into: &measure)
    return (measure, Self.counted(frame))
  }

  var remarks: SourceRemarks {
    var remarks = SourceRemarks()
    if !ownCeilings.isEmpty {
      remarks.notes.append(
        "\(ownCeilings.count) vCPUs are of VMs with a ceiling of their own, which the setting does not reach; "
          + "their halts are counted all the same.")
    }
    if contradicted > 0 {
      remarks.doubts.append(
        "\(contradicted) decisions contradict the rules of this kernel: see polltrace report.")
    }
    if isDamaged { remarks.doubts.append("Parts of what was recorded cannot be read.") }
    return remarks
  }

  func letGo() {
    if let analysis = live?.analysis {
      isDamaged = !analysis.ledger.entries.isEmpty
      ownCeilings = analysis.ownCeilings
    }
    live = nil
    statistics.letGo()
  }

  /// Follows all that has happened but for the last moment.
  private func follow(_ state: RecordingState) throws {
    guard var live else { return }
    // Moved out, as its parts are changed in place.
    self.live = nil
    defer { self.live = live }
    let end = max(live.followed, Machine.now - LiveRecording.slack)
    var analysis = live.analysis ?? Self.analysis(live.pages, state)
    if state.facts.parameters.count != live.changes {
      live.changes = state.facts.parameters.count
      analysis.obey(state.facts.parameters.suffix(Self.mostChanges))
    }
    try live.pages.read { cpu, pages in analysis.add(pages, of: cpu) }
    analysis.follow(until: end)
    (live.analysis, live.followed) = (analysis, end)
  }

  private static func analysis(_ pages: RecordedPages, _ state: RecordingState) -> LiveAnalysis {
    LiveAnalysis(
      LivePages(
        cpus: pages.cpus, pageSize: pages.pageSize, headerPage: pages.headerPage,
        formats: pages.formats), state.facts)
  }

  /// What came of each vCPU since the last time.
  private func harvest(_ state: RecordingState) -> [VCPUTrack] {
    guard var live, var analysis = live.analysis else { return [] }
    self.live = nil
    live.analysis = nil
    let tracks = analysis.harvest(at: live.followed, state.facts.vcpus)
    analysis.keep(Set(state.running.map(\.thread)).union(tracks.map(\.thread)))
    live.analysis = analysis
    self.live = live
    return tracks
  }

  /// How many decisions of `tracks` have contradicted the rules since the last look.
  private func newContradictions(_ tracks: [VCPUTrack]) -> UInt64 {
    tracks.reduce(0) { sum, track in
      let now = track.fidelity.contradicted
      let before = contradictions.updateValue(now, forKey: track.thread) ?? 0
      return sum.plus(now > before ? now - before : 0)
    }
  }

  private static func lost(_ state: RecordingState) -> UInt64 {
    state.facts.losses.reduce(0) { $0.plus($1.events) }
  }

  /// What KVM counted; nil where not every VM's counters are at hand.
  private static func counted(_ frame: CounterFrame) -> BlockMeasure? {
    let deltas = frame.rows.map(\.delta)
    guard let length = frame.interval, !deltas.isEmpty, !deltas.contains(nil) else { return nil }
    return BlockMeasure(deltas.compactMap(\.self), length: length, cpus: deltas.count)
  }
}
