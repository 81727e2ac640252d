import PollTrace
import Testing

@testable import PollTraceReport

@Suite struct `A number for people` {
  @Test(
    arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")]
      as [(UInt64, String)])
  func `has its thousands apart`(number: UInt64, text: String) {
    #expect(Numbers.grouped(number) == text)
  }

  @Test(
    arguments: [
      (0, "0 ns"), (999, "999 ns"), (1_000, "1.00 µs"), (12_345, "12.3 µs"), (999_499, "999 µs"),
      (999_600, "1.00 ms"), (1_500_000_000, "1.50 s"), (90_000_000_000, "90.0 s"),
    ] as [(Double, String)])
  func `of time has a fitting unit`(length: Double, text: String) {
    #expect(Numbers.time(length) == text)
  }

  @Test(
    arguments: [
      (0, "0 ns"), (200_000, "200 µs"), (12_500, "12.5 µs"), (1_000_000, "1 ms"), (7, "7 ns"),
      (1_234_567, "1,234.567 µs"),
    ] as [(UInt64, String)])
  func `that somebody chose loses no digit`(length: UInt64, text: String) {
    #expect(Numbers.exactTime(length) == text)
  }

  @Test(
    arguments: [(0.12345, 1, "0.1"), (1_234.5, 2, "1,234.50"), (-0.001, 1, "0.0"), (.nan, 1, "–")]
      as [(Double, Int, String)])
  func `is rounded to fixed decimals`(value: Double, decimals: Int, text: String) {
    #expect(Numbers.fixed(value, decimals) == text)
  }
}

@Suite struct `A table` {
  @Test func `is aligned`() {
    var table = Table(["", "halts"])
    table.add(["vCPU 0", "12"])
    table.add(["all", "1,200"])
    #expect(table.lines() == ["          halts", "  vCPU 0     12", "  all     1,200"])
  }
}
