import Testing

@testable import HaltLoad

@Suite("Times") struct NanosecondsTests {
  @Test(
    "take a unit",
    arguments: [("120us", 120_000), ("1.5ms", 1_500_000), ("2s", 2_000_000_000), ("7ns", 7)])
  func units(_ text: String, _ count: UInt64) {
    #expect(Nanoseconds(text, bare: .nanoseconds)?.count == count)
  }

  @Test("have a unit of their own without one")
  func bare() {
    #expect(Nanoseconds("2", bare: .seconds)?.count == 2_000_000_000)
    #expect(Nanoseconds("2", bare: .nanoseconds)?.count == 2)
  }

  @Test(
    "are refused otherwise", arguments: ["", "us", "-1us", "1.2.3s", "1h", "1e9s", "nan", "2d"])
  func refused(_ text: String) { #expect(Nanoseconds(text, bare: .seconds) == nil) }
}
