/// A change of parameters as it lies on the disk, from before the first write until it is confirmed or taken
/// back.
package struct ChangeRecord: Codable, Hashable, Sendable {
  /// Which command made it.
  package enum Command: String, Codable, Sendable { case apply, trial }
  /// Who takes it back when its time is over.
  package enum Guard: String, Codable, Sendable {
    /// A transient timer of systemd.
    case systemd
    /// A process of its own.
    case process
  }

  package var schema = "polltrace.change/1"
  package let id: String
  package let command: Command
  package let target: Target.Name
  /// The boot in which it was made: a restart takes it back by itself.
  package let boot: String
  /// The values of before, of each parameter that it may set.
  package let before: [String: UInt32]
  /// What it may set, the values of before filled in.
  package let settings: [[String: UInt32]]
  /// Who made it.
  package let by: String
  package let reason: String
  /// UTC.
  package let began: String
  /// How long it may stay unconfirmed, in ns.
  package let confirmWithin: UInt64
  /// When it is taken back, in ns of the clock that counts since the boot (CLOCK_BOOTTIME).
  package var deadline: UInt64
  package let guardedBy: Guard
  /// Whether it is also set at each boot, once it is confirmed.
  package let persists: Bool
  /// The files that set it at each boot.
  package var persisted: [PersistedFile] = []

  enum CodingKeys: String, CodingKey {
    case schema, id, command, target, boot, before, settings, by, reason, began, deadline, persists
    case persisted
    case confirmWithin = "confirm_within_ns"
    case guardedBy = "guarded_by"
  }

  /// Whether a value of the parameter `name` may be one that this change has written, or the one of before.
  package func isOurs(_ value: UInt32, _ name: String) -> Bool {
    before[name] == value || settings.contains { $0[name] == value }
  }
}

/// A file that sets parameters at each boot.
package struct PersistedFile: Codable, Hashable, Sendable {
  package let path: String
  /// What polltrace wrote.
  package let text: String
  /// What was there before; nil where there was none.
  package let before: String?
}

/// How a change ended.
package struct Ending: Codable, Hashable, Sendable {
  package enum How: String, Codable, Sendable {
    case confirmed, reverted
    /// Nobody confirmed it in time.
    case timedOut = "timed out"
    /// The command that made it took it back.
    case takenBack = "taken back"
    /// The host was restarted before.
    case restarted
    /// Its guard was told to end.
    case guardEnded = "guard ended"
    /// What was written down of it was removed by hand.
    case recordLost = "record lost"
  }

  package let change: ChangeRecord
  package let how: How
  /// UTC.
  package let at: String
  package let restoration: Restoration
}

/// What became of the values when a change was taken back.
package struct Restoration: Codable, Hashable, Sendable {
  /// What has the values of before, whether or not it had to be written.
  package var restored: [String] = []
  /// What somebody else has set meanwhile, with the value found; nil where the file is gone.
  package var leftAlone: [String: UInt32?] = [:]
  /// What could not be written, and why.
  package var failed: [String: String] = [:]
  /// Sentences on files for the boot that were left as they are.
  package var files: [String] = []

  package init() {}

  enum CodingKeys: String, CodingKey {
    case restored, failed, files
    case leftAlone = "left_alone"
  }
}
