package import PollTrace

/// Somebody who works while a recording is made, looks at what comes, and may end it.
package protocol RecordingCompanion: AnyObject {
  /// Recording is on; `pages` hands out what is recorded.
  func begin(_ pages: RecordedPages)
  /// Does what is due now. `look` notes the parameters, which the companion may change, and says what is known.
  ///
  /// - Returns: When it wants to be called next (it is called each second anyway); nil to end the recording.
  func step(_ look: () -> RecordingState) -> Timestamp?
  /// Recording is about to end, and why: called before the rest is brought to disk.
  func end(_ end: RecordingSummary.End)
  /// What the trace is to say of its time.
  var marks: [RecordedFacts.TrialBlock] { get }
}

/// What is known of a recording while it is made.
package struct RecordingState: Sendable {
  package var facts: RecordedFacts
  /// The vCPU threads that run now.
  package var running: [RecordedFacts.VCPUThread]
}

/// Without a recording: a companion's work until it ends, or a signal ends it.
package enum Attendance {
  private static let pause: Nanoseconds = 1_000_000_000

  /// - Returns: What ended it.
  package static func run(_ companion: any RecordingCompanion) -> RecordingSummary.End {
    var signals = BlockedSignals()
    let nothing = RecordingState(facts: RecordedFacts(), running: [])
    var end = RecordingSummary.End.duration
    while let next = companion.step({ nothing }) {
      guard let signal = signals.next(within: min(pause, next - Machine.now)) else { continue }
      if BlockedSignals.isChild(signal) { continue }
      end = .signal(BlockedSignals.name(signal))
      break
    }
    companion.end(end)
    return end
  }
}
