import PollTrace
import PollTraceCapture
import PollTraceStatistics
import PollTraceTrial

/// A host's blocks: halts as they are recorded, and KVM's own counters beside.
final class HostBlocks: BlockSource {
  private var recording: FollowedRecording?
  private let statistics = KVMStatistics()
  private var counters = CounterWatch()
  private var load = LoadWatch()
  /// Decisions of each thread that the rules did not give until the last look; those in measured time.
  private var contradictions: [ThreadID: UInt64] = [:]
  private var contradicted: UInt64 = 0
  private var isDamaged = false
  /// The vCPUs that have halted in a block, and the VMs that have a limit of their own.
  private var halted: Set<ThreadID> = []
  private var unreached: [TrialReport.UnreachedVM] = []
  private var blocks = 0
  /// After so many blocks it is refused to go on with a setting that reaches none of them; nil: never.
  private let blocksToReach: Int?
  private var begun: (time: Timestamp, lost: UInt64) = (Timestamp(0), 0)

  /// `blocksToReach` is after how many blocks the trial ends where its settings reach no VM.
  init(blocksToReach: Int?) { self.blocksToReach = blocksToReach }

  func begin(_ pages: RecordedPages) { recording = FollowedRecording(pages) }

  func keepUp(_ state: RecordingState) throws {
    // Lets go of VMs that have ended.
    _ = statistics.wait(for: .zero)
    try recording?.keepUp(state)
  }

  func settle(_ state: RecordingState) throws {
    // Counted before the recording is followed, which takes its time.
    _ = counters.take(statistics.sample())
    load.begin()
    try recording?.follow(state)
    _ = newContradictions(recording?.vcpus(state) ?? [])
    begun = (recording?.followed ?? Timestamp(0), state.lost)
  }

  func measure(
    _ state: RecordingState
  ) throws -> (measure: BlockMeasure, counted: BlockMeasure?) {
    let (frame, now) = (counters.take(statistics.sample()), HostLoad())
    try recording?.follow(state)
    let tracks = recording?.vcpus(state) ?? []
    contradicted += newContradictions(tracks)
    let halted = tracks.filter { $0.measures.halts > 0 }
    try look(at: Set(halted.map(\.thread)), state)
    let running = state.running.count { $0.vcpu != nil }
    let length = (recording?.followed ?? begun.time) - begun.time
    var measure = BlockMeasure(tracks, length: length, cpus: max(halted.count, running))
    measure.lost = state.lost - begun.lost
    load.put(now, into: &measure)
    measure.begin = begun.time
    return (measure, Self.counted(frame))
  }

  var remarks: SourceRemarks {
    var remarks = SourceRemarks()
    remarks.unreached = unreached
    remarks.doubtRecording(contradicted: contradicted, isDamaged: isDamaged)
    return remarks
  }

  func letGo() {
    isDamaged = recording?.isDamaged ?? false
    recording = nil
    statistics.letGo()
  }

  /// Learns which of the VMs whose `threads` have halted keep a limit of their own.
  ///
  /// - Throws: where all do, and nothing but the limit is tried.
  private func look(at threads: Set<ThreadID>, _ state: RecordingState) throws {
    let own = recording?.ownCeilings ?? [:]
    blocks += 1
    halted.formUnion(threads)
    var ceilings: [Untrusted: UInt32] = [:]
    for thread in halted {
      guard let ceiling = own[thread] else { continue }
      let vcpu = state.facts.vcpus.first { $0.thread == thread }
      ceilings[vcpu.map { VCPUIdentity($0).vmName } ?? "thread \(thread.rawValue)"] = ceiling
    }
    unreached = ceilings.map { TrialReport.UnreachedVM($0, ceiling: $1) }
      .sorted { $0.vm.terminal < $1.vm.terminal }
    guard let blocksToReach, blocks >= blocksToReach, !halted.isEmpty,
      halted.allSatisfy({ own[$0] != nil })
    else { return }
    throw Refusal(
      description:
        "the setting reaches no VM: each one that halts keeps a limit of its own, or its guest polls by itself\n  "
        + "Only its VMM can change that (KVM_CAP_HALT_POLL); --force tries it all the same.")
  }

  /// How many decisions of `tracks` have contradicted the rules since the last look.
  private func newContradictions(_ tracks: [VCPUTrack]) -> UInt64 {
    tracks.reduce(0) { sum, track in
      let now = track.fidelity.contradicted
      let before = contradictions.updateValue(now, forKey: track.thread) ?? 0
      return sum.plus(now > before ? now - before : 0)
    }
  }

  /// What KVM counted; nil where not every VM's counters are at hand.
  private static func counted(_ frame: CounterFrame) -> BlockMeasure? {
    let deltas = frame.rows.map(\.delta)
    guard let length = frame.interval, !deltas.isEmpty, !deltas.contains(nil) else { return nil }
    return BlockMeasure(deltas.compactMap(\.self), length: length, cpus: deltas.count)
  }
}
