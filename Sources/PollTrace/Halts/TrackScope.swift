/// What holds for all tracks of a host: settings by VM, and the time that the figures are about.
package struct TrackScope: Hashable, Sendable {
  /// For VMs of which nothing else is known.
  package var settings: PollSettings
  /// For threads whose VM has a ceiling of its own.
  package var ownSettings: [ThreadID: PollSettings] = [:]
  /// Halts that woke in `from..<to` count; others are only followed.
  package var from: Timestamp = Timestamp(0)
  package var to: Timestamp = Timestamp(.max)
  /// When events were lost, where that is known before reading; else the events tell.
  package var losses: Losses?
  /// What tracks keep of their halts one by one, for a replay.
  package var keeps = Keeps.nothing
  package enum Keeps: Hashable, Sendable {
    case nothing
    /// All that a replay needs: 32 bytes a halt.
    case log
    /// All that is known of them, to be drained: for tracks that read the trace from its beginning.
    case whole
    /// Their sums in bins of time, for pictures.
    case timeline(Timeline.Axis)
  }

  /// Whether stamps count nanoseconds: else nothing is told from the time between two events.
  package var clockIsTime = true

  package init(settings: PollSettings) { self.settings = settings }

  /// The same, with something of each track's halts kept.
  package func keeping(_ what: Keeps) -> TrackScope {
    var scope = self
    scope.keeps = what
    return scope
  }

  /// The settings that `thread` obeys.
  package func settings(of thread: ThreadID) -> PollSettings {
    ownSettings.isEmpty ? settings : ownSettings[thread] ?? settings
  }

  /// What `thread` obeys, resolved once for many halts.
  func laws(of thread: ThreadID) -> PollLaws { PollLaws(settings(of: thread)) }

  /// Whether the figures are about all of `halts`, in order of time, and none of them is kept.
  func takesTraced(_ halts: Span<TracedHalt>) -> Bool {
    switch keeps {
    case .nothing, .timeline: break
    case .log, .whole: return false
    }
    guard clockIsTime, halts.count > 0 else { return false }
    let (first, last) = (halts[0].woke, halts[halts.count - 1].woke)
    return first >= from && last < to
  }

  /// Which of `halts`, in order of time, the figures are about.
  func counted(of halts: Span<Halt>) -> Range<Int> {
    var (first, end) = (0, halts.count)
    while first < end, halts[first].woke < from { first += 1 }
    while end > first, halts[end - 1].woke >= to { end -= 1 }
    return first..<end
  }
}
