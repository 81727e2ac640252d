import PollTrace
import PollTraceCapture
import PollTraceTrial
import PollTraceTuning

/// A trial on this machine: switches settings, measures them, and restores the one of before however it ends.
///
/// Beside it there is always the change's guard: where this process is killed or hangs, the guard restores.
final class TrialRun: RecordingCompanion {
  private let change: Change
  private let settings: [Setting]
  private let source: any BlockSource
  private let keeps: Bool
  private let progress: (TrialSession, Timestamp) -> Void
  private(set) var session: TrialSession
  /// What ended it early.
  private(set) var failure: (any Error)?
  private(set) var restoration: Restoration?
  private(set) var isKept = false
  /// Whether a recording has begun.
  private(set) var isRecorded = false
  private var isEnded = false
  private var next = (look: Timestamp(0), extension: Timestamp(0))

  /// How often it looks whether all is as it was set.
  private static let pause: Nanoseconds = 1_000_000_000
  /// How long the guard waits for a sign of life; one is given each quarter of that.
  private let patience: Nanoseconds

  /// `settings` are that of before and the candidates, as many as `session` tries.
  init(
    _ change: Change, _ settings: [Setting], _ source: any BlockSource, _ session: TrialSession,
    keeps: Bool, patience: Nanoseconds, progress: @escaping (TrialSession, Timestamp) -> Void
  ) {
    (self.change, self.settings, self.source) = (change, settings, source)
    (self.session, self.keeps, self.progress) = (session, keeps, progress)
    self.patience = patience
  }

  func begin(_ pages: RecordedPages) {
    isRecorded = true
    source.begin(pages)
  }

  func step(_ look: () -> RecordingState) -> Timestamp? {
    do {
      let now = Machine.now
      if now >= next.extension {
        try change.extend(by: patience)
        next.extension = now + Nanoseconds(patience.rawValue / 4)
      }
      if now >= next.look {
        try change.check()
        try source.keepUp(look())
        next.look = now + Self.pause
        progress(session, now)
      }
      let due = try withoutActuallyEscaping(look) { look in
        var host = Machinery(change: change, settings: settings, source: source, look: look)
        return try session.step(&host)
      }
      return due.map { min($0, next.look) }
    } catch {
      failure = error
      return nil
    }
  }

  /// Restores what was before, or keeps what has proved better.
  func end(_ end: RecordingSummary.End) {
    guard !isEnded else { return }
    isEnded = true
    source.letGo()
    if failure == nil {
      switch end {
      case .duration, .command: break
      case .signal(let name): failure = Refusal(description: "ended by \(name)")
      case .failure(let error): failure = error
      }
    }
    do throws(TuningError) {
      if failure == nil, keeps, case .better(let best) = session.verdict {
        try change.set(settings[best])
        try change.keep()
        isKept = true
      } else {
        restoration = try change.close()
      }
    } catch {
      failure = failure ?? error
      if !isKept { restoration = (try? change.close()) ?? takenBack }
    }
  }

  /// What became of the values where the guard, or `polltrace revert`, has taken the change back.
  private var takenBack: Restoration? {
    change.state.ended.flatMap { $0.change.id == change.record.id ? $0.restoration : nil }
  }

  /// What its source has to say.
  var remarks: SourceRemarks { source.remarks }

  var marks: [RecordedFacts.TrialBlock] {
    session.blocks.map {
      RecordedFacts.TrialBlock(
        round: UInt32(clamping: $0.round), setting: UInt32(clamping: $0.setting), begin: $0.begin,
        end: $0.begin + $0.measure.length)
    }
  }
}

/// This machine, as a trial works on it.
private struct Machinery: TrialHost {
  let change: Change
  let settings: [Setting]
  let source: any BlockSource
  let look: () -> RecordingState

  var now: Timestamp { Machine.now }

  func set(_ number: Int) throws {
    // Looked at before and after, so that the trace says when it was to a moment.
    _ = look()
    try change.set(settings[number])
    _ = look()
  }

  func begin() throws { try source.settle(look()) }

  func measure() throws -> (measure: BlockMeasure, counted: BlockMeasure?) {
    var (measure, counted) = try source.measure(look())
    if change.target.name == .guest, let ceiling = change.setting.values[change.target.ceiling.name]
    {
      measure.isCarriedOver = measure.isCarriedOver || measure.pollsStill(under: ceiling)
    }
    return (measure, counted)
  }
}
