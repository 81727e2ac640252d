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
  /// As a trial with a look after each pair would have it; the error is chosen so that chance shows.
  @Test(arguments: [0.05, 0.01])
  func `leaves the true mean out at any of 60 looks no more often than it says`(error: Double) {
    let runs = 20_000
    var wrong = 0
    var random = SplitMix64(seed: 1)
    for _ in 0..<runs {
      var sequence = ConfidenceSequence(error: error)
      var isOutside = false
      for _ in 0..<60 {
        sequence.add(3 + 2 * normal(&random))
        isOutside = isOutside || !sequence.range.contains(3)
      }
      wrong += isOutside ? 1 : 0
    }
    let share = Double(wrong) / Double(runs)
    #expect(share <= error)
    // Bounds that are never wrong are too wide: with 60 looks of endlessly many, most of the error is spent.
    #expect(share >= error / 3)
  }

  /// At a single look bounds would be wrong much more often, if they were those of a plain t-test.
  @Test func `is wider than the bounds of a single look`() throws {
    var sequence = ConfidenceSequence(error: 0.05)
    for value in stride(from: -1.0, through: 1, by: 0.1) { sequence.add(value) }
    // t of 20 degrees of freedom, 97.5 %: 2.086.
    let single = try #require(sequence.deviation) * 2.086 / Double(sequence.count).squareRoot()
    let radius = try #require(sequence.radius)
    #expect(radius > 1.2 * single && radius < 2.5 * single)
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
