extension Timestamp {
  /// As ISO 8601 in UTC to the microsecond (`2026-11-30T05:10:00.123456Z`), where it counts ns since 1970.
  ///
  /// The days since 1970 become a date by Fliegel and Van Flandern, Communications of the ACM 11(10), 1968.
  package var iso8601: String {
    let seconds = rawValue / 1_000_000_000
    let (day, second) = (Int(seconds / 86_400), Int(seconds % 86_400))
    // 2,440,588 is the Julian day of 1970-01-01.
    var l = day + 2_440_588 + 68_569
    let n = 4 * l / 146_097
    l -= (146_097 * n + 3) / 4
    let i = 4_000 * (l + 1) / 1_461_001
    l -= 1_461 * i / 4 - 31
    let j = 80 * l / 2_447
    let (year, month) = (100 * (n - 49) + i + j / 11, j + 2 - 12 * (j / 11))
    let date = [year, month, l - 2_447 * j / 80].map { Self.padded($0, 2) }.joined(separator: "-")
    let time = [second / 3_600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }
    let part = Self.padded(Int(rawValue % 1_000_000_000 / 1_000), 6)
    return "\(date)T\(time.joined(separator: ":")).\(part)Z"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
