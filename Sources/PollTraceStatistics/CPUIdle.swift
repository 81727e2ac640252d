package import PollTrace
internal import PollTraceCapture

/// What this machine's kernel counts of its idle CPUs (linux Documentation/admin-guide/pm/cpuidle.rst).
package struct CPUIdle: Sendable {
  /// A state of a CPU since the machine's boot.
  package struct State: Hashable, Sendable {
    /// How often it was entered.
    package var usage: UInt64
    /// How long the CPU was in it, in µs.
    package var time: UInt64
  }

  private let folder: String

  /// Below the folder `root`, which stands for `/`.
  package init(root: String = "") { folder = "\(root)/sys/devices/system/cpu" }

  /// The driver and the governor; empty where there is none.
  package var driver: String { Paths.line("\(folder)/cpuidle/current_driver") ?? "" }
  package var governor: String { Paths.line("\(folder)/cpuidle/current_governor") ?? "" }

  /// Each CPU's states, in their order.
  package func states() -> [CPU: [State]] {
    var found: [CPU: [State]] = [:]
    for name in (try? Paths.names(in: folder)) ?? [] where name.hasPrefix("cpu") {
      guard let number = UInt32(name.dropFirst(3)) else { continue }
      var states: [State] = []
      while let state = state("\(folder)/\(name)/cpuidle/state\(states.count)") {
        states.append(state)
      }
      if !states.isEmpty { found[CPU(number)] = states }
    }
    return found
  }

  private func state(_ path: String) -> State? {
    func number(_ name: String) -> UInt64? { Paths.line("\(path)/\(name)").flatMap { UInt64($0) } }
    guard let usage = number("usage"), let time = number("time") else { return nil }
    return State(usage: usage, time: time)
  }
}
