import Testing

@testable import HaltLoad

@Suite("Gaps") struct GapsTests {
  static let mean = Nanoseconds(count: 120_000)

  func gaps(_ distribution: Distribution, seed: UInt64 = 1, count: Int = 80_000) -> [Double] {
    var gaps = Gaps(distribution, mean: Self.mean, random: Random(seed: seed, stream: 0))
    return (0..<count).map { _ in Double(gaps.next().count) }
  }

  @Test("keep their mean", arguments: Distribution.allCases)
  func mean(_ distribution: Distribution) {
    let mean = gaps(distribution).reduce(0, +) / 80_000
    #expect(abs(mean - 120_000) < 2000)
  }

  @Test("of a period are all the same")
  func periodic() { #expect(Set(gaps(.periodic)) == [120_000]) }

  @Test("in a burst are an eighth of the mean, then a pause")
  func bursty() {
    let burst = [855_000] + Array(repeating: 15_000.0, count: 7)
    #expect(gaps(.bursty, count: 16) == burst + burst)
  }

  @Test("of two modes lie around each")
  func bimodal() {
    let (short, long) = (27_000.0...33_000, 189_000.0...231_000)
    #expect(gaps(.bimodal).allSatisfy { short.contains($0) || long.contains($0) })
  }

  @Test("depend on the seed alone")
  func seeds() {
    #expect(gaps(.exponential, seed: 7) == gaps(.exponential, seed: 7))
    #expect(gaps(.exponential, seed: 7) != gaps(.exponential, seed: 8))
  }
}
