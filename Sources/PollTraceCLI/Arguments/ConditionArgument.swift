import ArgumentParser
import PollTrace

extension RowCondition {
  /// The condition that `text` says: `wasted>10%`, `polls_failed>1000/s`, `p99>200us`.
  ///
  /// - Throws: `ValidationError`, which says what is wrong and what would be right.
  init(_ text: String) throws {
    guard let sign = text.firstIndex(where: { Comparison(rawValue: $0) != nil }),
      let comparison = Comparison(rawValue: text[sign])
    else {
      throw Self.refusal(text, "has neither > nor <; for example wasted>10%")
    }
    let name = text[..<sign].filter { $0 != " " }
    let value = text[text.index(after: sign)...].filter { $0 != " " }
    guard let quantity = Quantity(rawValue: name) else {
      let names = Quantity.allCases.map(\.rawValue).joined(separator: ", ")
      throw Self.refusal(text, "'\(Untrusted(name).terminal)' is none of \(names)")
    }
    guard let limit = Self.limit(value, quantity.kind) else {
      let example =
        switch quantity.kind {
        case .rate: "a number a second; for example \(name)>1000/s"
        case .share: "a percentage; for example \(name)>10%"
        case .time: "a length of time; for example \(name)>200us"
        }
      throw Self.refusal(text, "'\(Untrusted(value).terminal)' is not \(example)")
    }
    self.init(quantity, comparison, limit)
  }

  private static func refusal(_ text: String, _ why: String) -> ValidationError {
    ValidationError("--on \(Untrusted(text).terminal): \(why)")
  }

  private static func limit(_ text: String, _ kind: Quantity.Kind) -> Double? {
    func number(_ text: some StringProtocol) -> Double? {
      guard let value = Double(text), value.isFinite, value >= 0 else { return nil }
      return value
    }
    switch kind {
    case .rate: return number(text.hasSuffix("/s") ? text.dropLast(2) : text[...])
    case .share: return text.hasSuffix("%") ? number(text.dropLast()).map { $0 / 100 } : nil
    case .time:
      guard text.contains(where: \.isLetter) else { return nil }
      return Length.nanoseconds(text, bare: 1).map { Double($0) }
    }
  }
}
