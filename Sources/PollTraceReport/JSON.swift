internal import PollTrace

/// A value in polltrace's JSON, and the field that it is in CSV.
protocol JSONValue {
  /// Puts it behind what `text` has.
  func write(to text: inout JSONText)
  /// The field; empty where nothing is known.
  var field: String { get }
}

/// An object of JSON, whose keys are written in order; what is not known is null.
struct JSONObject: JSONValue, ExpressibleByDictionaryLiteral {
  private let members: [(key: String, value: any JSONValue)]

  init(_ members: [(String, any JSONValue)]) { self.members = members }
  init(dictionaryLiteral members: (String, any JSONValue)...) { self.init(members) }

  /// The keys of both, which are different ones.
  static func + (left: JSONObject, right: JSONObject) -> JSONObject {
    JSONObject(left.members + right.members)
  }

  /// The value at `path`, a key and those of the objects below it, as a field of CSV.
  func field(_ path: ArraySlice<String>) -> String {
    guard let value = members.first(where: { $0.key == path.first })?.value else { return "" }
    guard let object = value as? JSONObject else { return value.field }
    return object.field(path.dropFirst())
  }

  /// The whole text, indented, with a newline at the end.
  var text: String {
    var text = JSONText()
    write(to: &text)
    return text.text + "\n"
  }

  /// The whole text in one line, with a newline at its end.
  var line: String {
    var text = JSONText(isOneLine: true)
    write(to: &text)
    return text.text + "\n"
  }

  func write(to text: inout JSONText) {
    text.list(members.sorted { $0.key < $1.key }, "{", "}") { text, member in
      // Keys are the program's own: nothing in them is escaped.
      text.text += "\"\(member.key)\"" + (text.isOneLine ? ":" : " : ")
      member.value.write(to: &text)
    }
  }
  var field: String { "" }
}

/// JSON in the making.
struct JSONText {
  fileprivate(set) var text = ""
  /// Whether all stands in one line.
  fileprivate let isOneLine: Bool
  /// The begin of a line.
  private var line = "\n"

  fileprivate init(isOneLine: Bool = false) { self.isOneLine = isOneLine }

  fileprivate mutating func list<Element>(
    _ elements: [Element], _ begin: String, _ end: String,
    _ write: (inout JSONText, Element) -> Void
  ) {
    text += begin
    guard !isOneLine else {
      for (number, element) in elements.enumerated() {
        if number > 0 { text += "," }
        write(&self, element)
      }
      return text += end
    }
    if elements.isEmpty { text += "\n" }
    line += "  "
    for (number, element) in elements.enumerated() {
      if number > 0 { text += "," }
      text += line
      write(&self, element)
    }
    line.removeLast(2)
    text += line + end
  }
}

extension JSONValue where Self: FixedWidthInteger {
  func write(to text: inout JSONText) { text.text += field }
  var field: String { String(self) }
}
extension Int: JSONValue {}
extension Int32: JSONValue {}
extension Int64: JSONValue {}
extension UInt32: JSONValue {}
extension UInt64: JSONValue {}

extension Double: JSONValue {
  /// JSON has no infinite numbers.
  func write(to text: inout JSONText) {
    let digits = isFinite ? description : "null"
    text.text += digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
  }
  var field: String { description }
}

extension Bool: JSONValue {
  func write(to text: inout JSONText) { text.text += field }
  var field: String { description }
}

extension String: JSONValue {
  func write(to text: inout JSONText) { text.text += Untrusted(self).json }
  var field: String { Untrusted(self).csv }
}

extension Untrusted: JSONValue {
  func write(to text: inout JSONText) { text.text += json }
  var field: String { csv }
}

extension Optional: JSONValue where Wrapped: JSONValue {
  func write(to text: inout JSONText) {
    if let self { self.write(to: &text) } else { text.text += "null" }
  }
  var field: String { self?.field ?? "" }
}

extension Array: JSONValue where Element: JSONValue {
  func write(to text: inout JSONText) { text.list(self, "[", "]") { $1.write(to: &$0) } }
  var field: String { "" }
}
