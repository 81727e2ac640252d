/// The gaps between the wakes of one vCPU, one after the other; on average the mean.
struct Gaps {
  private let distribution: Distribution
  private let mean: Double
  private var random: Random
  private var sent = 0

  init(_ distribution: Distribution, mean: Nanoseconds, random: Random) {
    self.distribution = distribution
    self.mean = Double(mean.count)
    self.random = random
  }

  /// Wakes in one burst.
  static let burst = 8

  mutating func next() -> Nanoseconds { Nanoseconds(count: UInt64(length().rounded())) }

  private mutating func length() -> Double {
    switch distribution {
    case .exponential, .request: return random.exponential(mean: mean)
    case .periodic: return mean
    case .bursty:
      defer { sent += 1 }
      let inside = mean / Double(Self.burst)
      let pause = mean * Double(Self.burst) - inside * Double(Self.burst - 1)
      return sent % Self.burst == 0 ? pause : inside
    case .bimodal:
      let mode = random.uniform() < 0.5 ? mean / 4 : mean * 7 / 4
      return mode * (0.9 + 0.2 * random.uniform())
    }
  }
}
