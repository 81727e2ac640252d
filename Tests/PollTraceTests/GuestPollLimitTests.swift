import Testing

@testable import PollTrace

@Suite struct `A guest's poll limit` {
  private func limits(
    _ residencies: [UInt64], _ parameters: GuestPollLimit.Parameters = .init(),
    _ rules: GuestRules = .linux6_9
  ) -> [UInt32] {
    var limit = GuestPollLimit()
    return residencies.map { residency in
      limit.reflect(residency, parameters, rules)
      return limit.length
    }
  }

  @Test func `moves as adjust_poll_limit() of the haltpoll governor does`() {
    #expect(
      limits([20_000, 60_000, 150_000, 200_001, 200_001, 200_001, 40_000])
        == [50_000, 100_000, 200_000, 100_000, 50_000, 0, 50_000])
  }

  @Test func `halved below grow start until 6.8`() {
    #expect(
      limits([20_000, 200_001, 200_001, 20_000], .init(), .linux5_5)
        == [50_000, 25_000, 12_500, 50_000])
  }

  @Test func `grows up to the maximum, which a halt may last for`() {
    #expect(limits([200_000, 200_000, 200_000, 200_000]) == [50_000, 100_000, 200_000, 200_000])
  }

  @Test func `does not grow where a halt was no longer than it`() {
    #expect(limits([20_000, 50_000, 50_001]) == [50_000, 50_000, 100_000])
  }

  @Test func `does not shrink where that is not allowed, and closes with a divisor of 0`() {
    var parameters = GuestPollLimit.Parameters()
    parameters.allowsShrink = false
    #expect(limits([20_000, 900_000], parameters) == [50_000, 50_000])
    parameters.allowsShrink = true
    parameters.shrink = 0
    #expect(limits([20_000, 900_000], parameters) == [50_000, 0])
  }

  @Test func `never opens with a maximum of 0`() {
    var parameters = GuestPollLimit.Parameters()
    parameters.most = 0
    #expect(limits([0, 1, 900_000], parameters) == [0, 0, 0])
  }
}
