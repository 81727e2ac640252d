import Testing

@testable import PollTrace

@Suite struct `A time in UTC` {
  /// As `date -u -d @SECONDS` of coreutils writes them.
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"),
      (951_782_399_999_999_999, "2000-02-28T23:59:59.999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
      (951_868_800_000_001_000, "2000-03-01T00:00:00.000001Z"),
      (1_735_689_599_123_456_789, "2024-12-31T23:59:59.123456Z"),
      (1_796_015_990_193_315_362, "2026-11-30T05:19:50.193315Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000Z"),
    ] as [(UInt64, String)])
  func `is written as ISO 8601`(nanoseconds: UInt64, text: String) {
    #expect(Timestamp(nanoseconds).iso8601 == text)
  }

  @Test func `of the last nanosecond there is is written`() {
    #expect(Timestamp(.max).iso8601 == "2554-07-21T23:34:33.709551Z")
  }
}
