/// What holds for all tracks of a host: settings by VM, and the time that the figures are about.
package struct TrackScope: Hashable, Sendable {
  /// For VMs of which nothing else is known.
  package var settings: PollSettings
  /// For threads whose VM has a ceiling of its own.
  package var ownSettings: [ThreadID: PollSettings] = [:]
  /// Halts that woke in `from..<to` count; others are only followed.
  package var from: Timestamp = Timestamp(0)
  package var to: Timestamp = Timestamp(.max)

  /// Whether stamps count nanoseconds: else nothing is told from the time between two events.
  package var clockIsTime = true

  package init(settings: PollSettings) { self.settings = settings }

  /// The settings that `thread` obeys.
  package func settings(of thread: ThreadID) -> PollSettings {
    ownSettings.isEmpty ? settings : ownSettings[thread] ?? settings
  }

  /// The law that `thread` obeys at `time`.
  package func law(of thread: ThreadID, at time: Timestamp) -> PollLaw {
    // Most traces have one set of parameters for all: nothing is looked up or copied then.
    if ownSettings.isEmpty, settings.changes.count == 1 { return settings.onlyLaw }
    return settings(of: thread).law(at: time)
  }

  /// The law that `thread` obeys in `halt`, which began with a window of `window` ns.
  package func law(of thread: ThreadID, for halt: Halt, window: UInt32) -> PollLaw {
    if ownSettings.isEmpty, settings.changes.count == 1 { return settings.onlyLaw }
    return settings(of: thread).law(for: halt, window: window)
  }

  /// Whether the figures are about this halt.
  package func counts(_ halt: Halt) -> Bool { halt.woke >= from && halt.woke < to }
}
