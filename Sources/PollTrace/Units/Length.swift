/// A length of time as people write it: a number and a unit.
package enum Length {
  private static let units: [(String, Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
  ]

  /// Nanoseconds of `text` (`200us`, `1.5s`, `30`); a bare number counts `bare` ns each.
  ///
  /// Nil where it is not a length of time, or longer than 584 years.
  package static func nanoseconds(_ text: String, bare: Double) -> UInt64? {
    let number = text.prefix { $0.isNumber || $0 == "." }
    let unit = text.dropFirst(number.count)
    guard let value = Double(number) else { return nil }
    guard
      let size = unit.isEmpty ? bare : units.first(where: { $0.0 == unit.lowercased() })?.1
    else { return nil }
    let length = (value * size).rounded()
    return length < 1.8e19 ? UInt64(length) : nil
  }
}
