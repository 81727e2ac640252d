/// A size of memory as people write it: a number and a binary unit.
enum Size {
  private static let units: [Character: Int] = ["k": 10, "m": 20, "g": 30]

  /// Bytes of `text` (`64M`, `512K`, `65536`); nil where it is not a size.
  static func bytes(_ text: String) -> Int? {
    var number = text.lowercased()[...]
    for suffix in ["ib", "b"] where number.hasSuffix(suffix) {
      number = number.dropLast(suffix.count)
      break
    }
    var shift = 0
    if let unit = number.last, let known = units[unit] {
      shift = known
      number = number.dropLast()
    }
    guard let count = Int(number), count >= 0 else { return nil }
    let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: 1 << shift)
    return isTooMuch ? nil : bytes
  }
}
