/// A length of time.
struct Nanoseconds: Hashable, Sendable {
  var count: UInt64
}

extension Nanoseconds {
  /// What a number without a unit counts.
  enum Unit: String, CaseIterable {
    case nanoseconds = "ns"
    case microseconds = "us"
    case milliseconds = "ms"
    case seconds = "s"

    var length: Double {
      switch self {
      case .nanoseconds: 1
      case .microseconds: 1e3
      case .milliseconds: 1e6
      case .seconds: 1e9
      }
    }
  }

  /// Parses `120us`, `1.5ms`, `2s` or a bare number; at most a day.
  init?(_ text: String, bare: Unit) {
    let number = text.prefix { $0.isNumber || $0 == "." }
    let suffix = text[number.endIndex...]
    guard let unit = suffix.isEmpty ? bare : Unit(rawValue: String(suffix)),
      let amount = Double(number)
    else { return nil }
    let length = (amount * unit.length).rounded()
    guard (0...86_400e9).contains(length) else { return nil }
    self.init(count: UInt64(length))
  }
}
