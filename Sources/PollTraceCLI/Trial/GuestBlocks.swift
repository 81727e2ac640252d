import PollTrace
import PollTraceCapture
import PollTraceStatistics
import PollTraceTrial

/// A guest's blocks: idle times as they are recorded, and what its kernel counts of idle CPUs beside; that alone where
/// nothing is recorded.
final class GuestBlocks: BlockSource {
  private let idle = CPUIdle()
  private var recording: FollowedRecording?
  private var usual = UsualLatencies()
  private var load = LoadWatch()
  private var begun: (time: Timestamp, lost: UInt64) = (Timestamp(0), 0)
  private var before: [CPU: CPUIdleCounts] = [:]
  /// What all decisions show of the rules.
  private var checked = IdleFigures()
  /// CPUs whose idle task the kernel does not trace.
  private var untraced: Set<CPU> = []
  private var isDamaged = false

  /// CPUs that idled more often, and have no event, are not traced.
  private static let fewestIdles: UInt64 = 10

  /// - Throws: where the guest's CPUs do not idle by haltpoll, so that nothing obeys its parameters.
  init() throws {
    guard idle.driver == "haltpoll", idle.governor == "haltpoll" else {
      throw Refusal(
        description:
          "this guest idles with the driver '\(Untrusted(idle.driver).terminal)' and the governor "
          + "'\(Untrusted(idle.governor).terminal)', not with haltpoll: nothing would obey the setting\n  "
          + "See polltrace check.")
    }
  }

  func begin(_ pages: RecordedPages) { recording = FollowedRecording(pages) }
  func keepUp(_ state: RecordingState) throws { try recording?.keepUp(state) }

  func settle(_ state: RecordingState) throws {
    // Counted before the recording is followed, which takes its time.
    (before, begun) = (counts, (Machine.now, state.lost))
    load.begin()
    guard let recording else { return }
    try recording.follow(state)
    _ = harvest(recording, state)
    begun.time = recording.followed
  }

  func measure(
    _ state: RecordingState
  ) throws -> (measure: BlockMeasure, counted: BlockMeasure?) {
    let (after, now) = (counts, HostLoad())
    guard let recording else {
      var measure = BlockMeasure(from: before, to: after, length: Machine.now - begun.time)
      load.put(now, into: &measure)
      return (measure, nil)
    }
    try recording.follow(state)
    let tracks = harvest(recording, state)
    let length = recording.followed - begun.time
    untraced.formUnion(darkCPUs(after, Set(tracks.map(\.cpu))))
    let dark = untraced
    var measure = BlockMeasure(tracks, usual, length: length, cpus: after.count - dark.count)
    measure.lost = state.lost - begun.lost
    if !dark.isEmpty {
      measure.add(
        BlockMeasure(
          from: before.filter { dark.contains($0.key) }, to: after.filter { dark.contains($0.key) },
          length: length))
    }
    load.put(now, into: &measure)
    measure.begin = begun.time
    var counted = BlockMeasure(from: before, to: after, length: length)
    counted.latencyIsKnown = false
    return (measure, counted)
  }

  /// The CPUs that idled since the block began, and are none of those that were ever `seen`.
  private func darkCPUs(_ after: [CPU: CPUIdleCounts], _ seen: Set<CPU>) -> Set<CPU> {
    untraced.subtract(seen)
    return Set(
      after.filter { cpu, now in
        guard !seen.contains(cpu), let then = before[cpu] else { return false }
        return now.halts.plus(now.polls) > then.halts.plus(then.polls).plus(Self.fewestIdles)
      }.keys)
  }

  private func harvest(_ recording: FollowedRecording, _ state: RecordingState) -> [GuestCPUTrack] {
    let tracks = recording.guestCPUs(state)
    usual.add(tracks)
    checked = IdleFigures(totalOf: tracks.map(\.figures))
    return tracks
  }

  var remarks: SourceRemarks {
    var remarks = SourceRemarks()
    if !untraced.isEmpty {
      let cpus = untraced.sorted().map { "\($0.rawValue)" }.joined(separator: ", ")
      remarks.doubts.append(
        "This kernel does not trace the idle task of CPU \(cpus): the kernel's counts stand for it, with an assumed "
          + "wake-up latency.")
    }
    let contradicted = checked.othersFitBetter ? 0 : checked.fidelity.contradicted
    remarks.doubtRecording(contradicted: contradicted, isDamaged: isDamaged)
    return remarks
  }

  func letGo() {
    isDamaged = recording?.isDamaged ?? false
    recording = nil
  }

  private var counts: [CPU: CPUIdleCounts] {
    idle.states().mapValues { states in
      let halts = states.dropFirst()
      return CPUIdleCounts(
        polls: states[0].usage, pollTime: states[0].time,
        halts: halts.reduce(0) { $0.plus($1.usage) })
    }
  }
}
