/// The entities and tags of a page that a trace was saved from.
///
/// Only tags that format text are taken off: `<idle>` and `<...>` are names of tasks.
enum Markup {
  private static let entities: [(name: [UInt8], text: UInt8)] = [
    ("&gt;", 0x3e), ("&lt;", 0x3c), ("&amp;", 0x26), ("&quot;", 0x22), ("&#39;", 0x27),
    ("&apos;", 0x27), ("&nbsp;", 0x20), ("&#160;", 0x20), ("&#x27;", 0x27), ("&#x2F;", 0x2f),
    ("&#47;", 0x2f), ("&#62;", 0x3e), ("&#60;", 0x3c), ("&#34;", 0x22),
  ].map { (Array($0.0.utf8), $0.1) }

  private static let tags: Set<String> = [
    "a", "b", "body", "br", "code", "div", "em", "font", "html", "i", "li", "mark", "p", "pre",
    "samp", "span", "strong", "td", "tr", "tt", "u",
  ]
  /// Longer is no tag.
  private static let longest = 256

  /// Whether an entity or a tag begins at `place`.
  static func begins(_ text: Bytes, _ place: Int, below end: Int) -> Bool {
    let part = text.part(place, min(end - place, longest))?.array ?? []
    return length(of: part, 0).length > 0
  }

  static func removed(from bytes: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      let isMarkup = bytes[place] == 0x26 || bytes[place] == 0x3c
      let (length, text) = isMarkup ? length(of: bytes, place) : (0, nil)
      if length == 0 { kept.append(bytes[place]) } else if let text { kept.append(text) }
      place += max(1, length)
    }
    return kept
  }

  /// How long the entity or tag at `place` is, 0 where there is none, and what it stands for.
  private static func length(of bytes: [UInt8], _ place: Int) -> (length: Int, text: UInt8?) {
    if bytes[place] == 0x26 {
      let found = entities.first { bytes[place...].starts(with: $0.name) }
      return found.map { ($0.name.count, $0.text) } ?? (0, nil)
    }
    var start = place + 1
    if bytes.byte(start) == 0x2f { start += 1 }
    var end = start
    while bytes.byte(end) | 0x20 >= 0x61, bytes.byte(end) | 0x20 <= 0x7a { end += 1 }
    let name = String(decoding: bytes[start..<min(end, bytes.count)], as: UTF8.self).lowercased()
    guard tags.contains(name), [0x20, 0x2f, 0x3e].contains(bytes.byte(end)),
      let close = bytes[end...].prefix(longest).firstIndex(of: 0x3e),
      !bytes[end..<close].contains(0x0a)
    else { return (0, nil) }
    // A line break in the page may be the only one there is.
    let breaks = name == "br" && bytes.byte(close + 1) != 0x0a && bytes.byte(close + 1) != 0x0d
    return (close + 1 - place, breaks ? 0x0a : nil)
  }
}
