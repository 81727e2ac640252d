/// A JSON document, built as it reads.
enum JSON: Encodable, Hashable {
  case number(UInt64)
  case text(String)
  case flag(Bool)
  case list([JSON])
  case object([String: JSON])
  case null

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .object(let members): try container.encode(members)
    case .null: try container.encodeNil()
    }
  }
}

extension JSON {
  static func time(_ time: Nanoseconds) -> JSON { .number(time.count) }

  static func number(_ value: Int) -> JSON { .number(UInt64(value)) }

  static func number(_ value: Int32) -> JSON { .number(UInt64(value)) }
}
