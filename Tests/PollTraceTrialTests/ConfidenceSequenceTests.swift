import PollTraceReplay
import Testing

@testable import PollTraceTrial

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

private func normal(_ random: inout SplitMix64) -> Double {
  (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * Double.pi * random.uniform())
}

@Suite struct `A confidence sequence` {
  @Test func `leaves the true mean out at any of 60 looks in one run of 20 at most`() {
    let runs = 4_000
    var wrong = 0
    var random = SplitMix64(seed: 1)
    for _ in 0..<runs {
      var sequence = ConfidenceSequence(error: 0.05)
      var isOutside = false
      for _ in 0..<60 {
        sequence.add(3 + 2 * normal(&random))
        isOutside = isOutside || !sequence.range.contains(3)
      }
      wrong += isOutside ? 1 : 0
    }
    // Below 5 %, and not empty talk either: bounds that are never wrong are too wide.
    #expect(wrong <= runs / 20)
    #expect(wrong >= runs / 200)
  }

  /// By hand: r = 1/41, n = 4, values of deviation 1 and mean 0.
  @Test func `has the published bounds`() throws {
    var sequence = ConfidenceSequence(error: 0.05)
    for value in [-1.0, 1, -1, 1] { sequence.add(value) }
    let rate = 1.0 / 41
    let level = pow(rate * 0.0025, 0.25)
    let statistic = 3 * (1 - level) / (level - rate)
    let radius = try #require(sequence.radius)
    // t = mean / (deviation / √n)
    let t = radius / ((4.0 / 3).squareRoot() / 2)
    #expect(abs(t * t - statistic) < 1e-9)
  }

  @Test func `has no bounds before the third value`() {
    var sequence = ConfidenceSequence(error: 0.05)
    sequence.add(1)
    sequence.add(1.1)
    #expect(sequence.range == -.infinity ... .infinity)
    sequence.add(0.9)
    #expect(sequence.radius != nil)
  }
}
