package import PollTrace

/// How this machine, as a guest, idles: what steers it, as sysfs shows.
package struct GuestIdling: Hashable, Sendable {
  /// The cpuidle driver and governor; empty where there is none.
  package var driver: String
  package var governor: String
  /// The names of the idle states, the poll first.
  package var states: [String]
  /// The governor's parameters; nil where it is not in the kernel.
  package var parameters: GuestPollLimit.Parameters?

  /// `sys` stands for /sys.
  package init(sys: String = "/sys") {
    let folder = "\(sys)/devices/system/cpu"
    driver = Paths.line("\(folder)/cpuidle/current_driver") ?? ""
    governor =
      Paths.line("\(folder)/cpuidle/current_governor_ro")
      ?? Paths.line("\(folder)/cpuidle/current_governor") ?? ""
    if driver == "none" { driver = "" }
    states = (0..<16).map { "\(folder)/cpu0/cpuidle/state\($0)/name" }
      .prefix(while: Paths.exists).map { Paths.line($0) ?? "" }
    parameters = Self.parameters(in: "\(sys)/module/haltpoll/parameters")
  }

  /// Whether its CPUs poll before they halt, once `guest_halt_poll_ns` lets them.
  package var pollsItself: Bool { governor == "haltpoll" && parameters != nil }

  /// The governor's parameters in `folder`; nil where one is missing.
  package static func parameters(in folder: String) -> GuestPollLimit.Parameters? {
    func line(_ name: String) -> String? { Paths.line("\(folder)/\(name)") }
    func value(_ name: String) -> UInt32? { line(name).flatMap { UInt32($0) } }
    let names = GuestPollLimit.Parameters.names
    guard let most = value(names[0]), let grow = value(names[1]), let growStart = value(names[2]),
      let shrink = value(names[3]), let allows = line(names[4])
    else { return nil }
    var parameters = GuestPollLimit.Parameters()
    (parameters.most, parameters.grow, parameters.growStart) = (most, grow, growStart)
    (parameters.shrink, parameters.allowsShrink) = (shrink, allows == "Y")
    return parameters
  }

  /// Where the governor's parameters lie.
  package static let folder = "/sys/module/haltpoll/parameters"
}

/// A guest's parameters through a recording: what held when it began, and each change seen.
struct GuestParameterWatch {
  private(set) var changes: [GuestFacts.ParameterChange] = []
  private var lastSeen: Timestamp?
  private let folder: String

  init(folder: String = GuestIdling.folder) { self.folder = folder }

  /// Looks once; true where they differ from the last look.
  ///
  /// `clock` is the trace's.
  mutating func look(clock: String) -> Bool {
    let before = Machine.now(on: clock)
    guard let now = GuestIdling.parameters(in: folder) else { return false }
    defer { lastSeen = before }
    guard now != changes.last?.parameters else { return false }
    changes.append(
      .init(since: Machine.now(on: clock), notBefore: lastSeen, parameters: now))
    return true
  }
}
