/// An event's format as tracefs prints it, taken apart and bounded: `field:… offset:… size:…`.
///
/// What comes out of here is clean enough to be handed to a C library: only lines of the known
/// shape, only numbers that fit an event (linux Documentation/trace/events.rst, "Event formats").
struct FormatText {
  struct Field: Hashable {
    /// As in C: `unsigned int new`.
    var declaration: String
    /// Its last word, without an array's brackets.
    var name: String
    /// Bytes from the begin of the event, and how many.
    var offset: Int
    var size: Int
    var isSigned: Bool
  }

  var name: String?
  var id: UInt16?
  var fields: [Field] = []

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let line = line.drop { $0 == "\t" || $0 == " " }
      if line.hasPrefix("name: ") {
        name = Self.word(line.dropFirst(6))
      } else if line.hasPrefix("ID: ") {
        id = UInt16(line.dropFirst(4))
      } else if line.hasPrefix("field:"), let field = Self.field(line) {
        fields.append(field)
      }
    }
  }

  private static func word(_ text: Substring) -> String? {
    let isWord =
      text.utf8.allSatisfy { byte in
        byte == 0x5f || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
          || (0x61...0x7a).contains(byte)
      } && (1...64).contains(text.utf8.count)
    return isWord ? String(text) : nil
  }

  private static func field(_ line: Substring) -> Field? {
    var parts: [Substring: Substring] = [:]
    for part in line.split(separator: ";") {
      let part = part.drop { $0 == "\t" || $0 == " " }
      guard let colon = part.firstIndex(of: ":") else { continue }
      let value = part[part.index(after: colon)...]
      parts[part[..<colon]] = value.drop { $0 == " " }
    }
    guard let declaration = parts["field"], let offset = parts["offset"].flatMap({ Int($0) }),
      let size = parts["size"].flatMap({ Int($0) }), (0..<65_536).contains(offset),
      (0..<65_536).contains(size), declaration.utf8.count <= 200
    else { return nil }
    let last = declaration.split(separator: " ").last.map { $0.prefix { $0 != "[" } }
    guard let name = last.flatMap(word) else { return nil }
    return Field(
      declaration: String(declaration), name: name, offset: offset, size: size,
      isSigned: parts["signed"] == "1")
  }

  /// The format again, made of nothing but what was understood.
  ///
  /// Declarations are reduced to types that say size and sign: that is all that is asked for.
  var clean: String? {
    guard let name, let id else { return nil }
    var text = "name: \(name)\nID: \(id)\nformat:\n"
    for field in fields {
      let type = field.isSigned ? "int" : "unsigned int"
      text += "\tfield:\(type) \(field.name);\toffset:\(field.offset);\tsize:\(field.size);"
      text += "\tsigned:\(field.isSigned ? 1 : 0);\n"
      if field.name == "common_pid" { text += "\n" }
    }
    return text + "\nprint fmt: \"\"\n"
  }
}
