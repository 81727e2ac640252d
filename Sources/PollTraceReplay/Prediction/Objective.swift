/// What a nanosecond of wake-up latency is worth in nanoseconds of CPU.
package enum Objective: String, Hashable, Sendable, CaseIterable {
  case efficiency
  case balanced
  case latency

  /// The exchange rate.
  package var latencyWeight: Double {
    switch self {
    case .efficiency: 1
    case .balanced: 4
    case .latency: 20
    }
  }

  /// What it means, in a line.
  package var explanation: String {
    switch self {
    case .efficiency: "1 µs of wake-up latency counts as 1 µs of host CPU: for full hosts"
    case .balanced: "1 µs of wake-up latency counts as 4 µs of host CPU: for mixed hosts"
    case .latency: "1 µs of wake-up latency counts as 20 µs of host CPU: for latency-bound guests"
    }
  }

  /// Poll CPU time and weighted latency, in ns.
  package func cost(_ outcome: PollOutcome) -> Double {
    Double(outcome.pollTime) + latencyWeight * Double(outcome.latency)
  }
}
