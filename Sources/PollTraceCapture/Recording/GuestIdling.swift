package import PollTrace

/// How this machine, as a guest, idles: what steers it, as sysfs shows.
package struct GuestIdling: Hashable, Sendable {
  /// The cpuidle driver and governor; empty where there is none.
  package var driver: String
  package var governor: String
  /// The names of the idle states, the poll first.
  package var states: [String]
  /// The machine's UUID, which its host gave it; empty where there is none.
  package var uuid: String
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
    uuid = Paths.line("\(sys)/class/dmi/id/product_uuid") ?? ""
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

/// How often each CPU has halted since a recording began, as the kernel counts it.
struct GuestHaltWatch {
  private let folder: String
  private let before: [CPU: UInt64]

  /// `sys` stands for /sys.
  init(sys: String = "/sys") {
    folder = "\(sys)/devices/system/cpu"
    before = Self.counts(in: folder)
  }

  /// The halts of each CPU since then.
  var halts: [CPU: UInt64] {
    Self.counts(in: folder).reduce(into: [:]) { halts, now in
      if let begin = before[now.key], now.value >= begin { halts[now.key] = now.value - begin }
    }
  }

  /// Entries into idle states deeper than the poll, by CPU (Documentation/admin-guide/pm/cpuidle.rst).
  private static func counts(in folder: String) -> [CPU: UInt64] {
    var counts: [CPU: UInt64] = [:]
    for name in (try? Paths.names(in: folder)) ?? [] where name.hasPrefix("cpu") {
      guard let number = UInt32(name.dropFirst(3)) else { continue }
      let states = (1..<16).map { "\(folder)/\(name)/cpuidle/state\($0)/usage" }
        .prefix(while: Paths.exists)
      guard !states.isEmpty else { continue }
      counts[CPU(number)] = states.reduce(0 as UInt64) { sum, path in
        sum.plus(Paths.line(path).flatMap { UInt64($0) } ?? 0)
      }
    }
    return counts
  }
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
