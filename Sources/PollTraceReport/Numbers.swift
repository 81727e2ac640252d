package import PollTrace

/// How numbers are written for people: fixed decimals, thousands, and times in a fitting unit.
///
/// Without Foundation there is no `String(format:)`; importing it would add 43 MB to the binary.
package enum Numbers {
  /// `1234567` as `1,234,567`; less than nothing as `0`.
  package static func grouped(_ number: some BinaryInteger) -> String {
    let digits = String(UInt64(clamping: number))
    var text = ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `value` with `decimals` digits behind the point, thousands grouped.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e18 else { return "\(value)" }
    let whole = UInt64(scaled)
    let unit = UInt64(scale)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard decimals > 0 else { return sign + grouped(whole) }
    let rest = String(whole % unit)
    return sign + grouped(whole / unit) + "." + String(repeating: "0", count: decimals - rest.count)
      + rest
  }

  /// Three significant digits: `1.23`, `12.3`, `123`, `1,230`.
  package static func significant(_ value: Double) -> String {
    switch abs(value) {
    case ..<9.995: fixed(value, 2)
    case ..<99.95: fixed(value, 1)
    default: fixed(value, 0)
    }
  }

  /// A length of time in ns, µs, ms or s, three significant digits.
  package static func time(_ nanoseconds: Double) -> String {
    switch abs(nanoseconds) {
    case .infinity: unknown
    case ..<999.5: "\(fixed(nanoseconds, 0)) ns"
    case ..<999_500: "\(significant(nanoseconds / 1e3)) µs"
    case ..<999_500_000: "\(significant(nanoseconds / 1e6)) ms"
    default: "\(significant(nanoseconds / 1e9)) s"
    }
  }

  /// The same of a whole number.
  package static func time(_ nanoseconds: some BinaryInteger) -> String {
    time(Double(nanoseconds))
  }

  /// A length of time in a fitting unit.
  package static func time(_ length: Nanoseconds) -> String { time(length.rawValue) }

  /// A length of time that somebody chose, without loss: `200 µs`, `12.5 µs`, `1 ms`.
  package static func exactTime(_ nanoseconds: some BinaryInteger) -> String {
    let nanoseconds = UInt64(clamping: nanoseconds)
    let units: [(String, UInt64)] = [("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000)]
    for (unit, size) in units where nanoseconds >= size {
      var rest = String(nanoseconds % size)
      rest = String(repeating: "0", count: String(size).count - 1 - rest.count) + rest
      while rest.last == "0" { rest.removeLast() }
      guard rest.count <= 3 else { continue }
      return "\(grouped(nanoseconds / size))\(rest.isEmpty ? "" : "." + rest) \(unit)"
    }
    return "\(grouped(nanoseconds)) ns"
  }

  /// The same of a length that was computed.
  package static func exactTime(_ nanoseconds: Double) -> String {
    exactTime(Int64(saturating: nanoseconds.rounded()))
  }

  /// A share as percent with one decimal.
  package static func percent(_ share: Double) -> String { "\(fixed(share * 100, 1)) %" }

  /// Both ends of a range, each written by `write`.
  package static func range<Value>(
    _ range: ClosedRange<Value>, between: String = " – ", _ write: (Value) -> String
  ) -> String {
    write(range.lowerBound) + between + write(range.upperBound)
  }

  /// The same; of a range without an upper end the lower one.
  package static func range(
    _ range: ClosedRange<Double>, between: String = " – ", _ write: (Double) -> String
  ) -> String {
    guard range.upperBound < .infinity else { return write(range.lowerBound) + " or more" }
    return write(range.lowerBound) + between + write(range.upperBound)
  }

  /// What is not known.
  package static let unknown = "–"
}

extension Optional {
  /// The value written by `write`, or a dash.
  package func shown(_ write: (Wrapped) -> String) -> String { map(write) ?? Numbers.unknown }
}
