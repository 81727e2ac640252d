package import PollTrace

/// The module parameters of kvm that steer halt polling, as sysfs shows them.
package enum ModuleParameters {
  package static let directory = "/sys/module/kvm/parameters"

  /// Their values now; nil where kvm is not loaded or has no halt polling.
  ///
  /// `halt_poll_ns_grow_start` came with 5.1 (49113d360bde); before, growth began at 10 µs.
  package static func read(in directory: String = Self.directory) -> PollParameters? {
    func value(_ name: String) -> UInt32? {
      Paths.line("\(directory)/\(name)").flatMap { UInt32($0) }
    }
    guard let ceiling = value("halt_poll_ns"), let grow = value("halt_poll_ns_grow"),
      let shrink = value("halt_poll_ns_shrink")
    else { return nil }
    return PollParameters(
      ceiling: ceiling, grow: grow, growStart: value("halt_poll_ns_grow_start") ?? 10_000,
      shrink: shrink)
  }
}

/// The parameters through a recording: what held when it began, and each change seen.
struct ParameterWatch {
  private(set) var changes: [RecordedFacts.ParameterChange] = []
  private var lastSeen: Timestamp?
  private let directory: String

  init(directory: String = ModuleParameters.directory) { self.directory = directory }

  /// Looks once; true where they differ from the last look.
  ///
  /// `clock` is the trace's.
  mutating func look(clock: String) -> Bool {
    let before = Machine.now(on: clock)
    guard let now = ModuleParameters.read(in: directory) else { return false }
    defer { lastSeen = before }
    guard now != changes.last?.parameters else { return false }
    changes.append(
      RecordedFacts.ParameterChange(
        since: Machine.now(on: clock), notBefore: lastSeen, parameters: now))
    return true
  }
}
