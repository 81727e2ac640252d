internal import CTrace
internal import Synchronization

/// Where an event's fields lie, as libtraceevent reads them from the format in the file.
///
/// The only place that names libtraceevent. A format is parsed once; nothing of this is on the
/// path of a record.
struct EventFormat {
  /// A field's place in the event's bytes.
  struct Field: Hashable, Sendable {
    var offset: Int
    var size: Int
    var isSigned: Bool
  }

  /// What `common_type` of such an event says.
  let id: UInt16
  private let fields: [String: Field]

  /// The format in `text` of an event of `system`; nil where it is none.
  init?(_ text: String, system: String) {
    let format = FormatText(text)
    guard let clean = format.clean, let id = format.id,
      let fields = Self.fields(of: clean, names: format.fields.map(\.name), system: system)
    else { return nil }
    self.id = id
    self.fields = fields
  }

  /// The field called `name`; nil where this kernel's event has none.
  subscript(name: String) -> Field? { fields[name] }

  /// Lets libtraceevent parse `text` and asks it for each of `names`.
  private static func fields(
    of text: String, names: [String], system: String
  ) -> [String: Field]? {
    // The parser keeps where it is in variables of its own: one at a time.
    turn.withLock { _ in parsed(text, names, system) }
  }

  private static let turn = Mutex(())

  private static func parsed(
    _ text: String, _ names: [String], _ system: String
  ) -> [String: Field]? {
    guard let parser = unsafe tep_alloc() else { return nil }
    defer { unsafe tep_free(parser) }
    tep_set_loglevel(TEP_LOG_NONE)
    var text = text
    var event: UnsafeMutablePointer<tep_event>?
    let status = text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
        unsafe tep_parse_format(
          parser, &event, characters.baseAddress, UInt(characters.count), system)
      }
    }
    guard status == TEP_ERRNO__SUCCESS, let event = unsafe event else { return nil }
    var fields: [String: Field] = [:]
    for name in names {
      guard let field = unsafe tep_find_any_field(event, name) else { continue }
      unsafe fields[name] = Field(
        offset: Int(field.pointee.offset), size: Int(field.pointee.size),
        isSigned: field.pointee.flags & UInt(TEP_FIELD_IS_SIGNED.rawValue) != 0)
    }
    return fields
  }
}
