internal import PollTrace

/// HTML and SVG in the making, in which text is escaped by construction.
///
/// Names of elements and attributes are literals of the program, and so is all that is written as
/// it stands; whatever comes from a trace can only become text or the value of an attribute.
struct Markup {
  typealias Attributes = KeyValuePairs<StaticString, String>
  private(set) var source = ""

  /// Text, with whatever HTML would take for markup escaped, and what cannot be shown replaced.
  mutating func text(_ text: String) { source += Untrusted(text).html }

  /// What the program itself says in HTML.
  mutating func literal(_ html: StaticString) { source += html.description }

  /// An element with what `content` writes into it.
  mutating func element(
    _ name: StaticString, _ attributes: Attributes = [:], _ content: (inout Markup) -> Void
  ) {
    open(name, attributes)
    source += ">"
    content(&self)
    source += "</\(name)>"
  }

  /// An element that holds `text`.
  mutating func element(_ name: StaticString, _ attributes: Attributes, _ text: String) {
    element(name, attributes) { $0.text(text) }
  }
  mutating func element(_ name: StaticString, _ text: String) { element(name, [:], text) }

  /// An element of SVG that holds nothing.
  mutating func shape(_ name: StaticString, _ attributes: Attributes) {
    open(name, attributes)
    source += "/>"
  }

  private mutating func open(_ name: StaticString, _ attributes: Attributes) {
    source += "<\(name)"
    for (key, value) in attributes {
      source += " \(key)=\""
      text(value)
      source += "\""
    }
  }
}

extension Markup {
  /// A section of a page, with its heading.
  mutating func section(_ id: String, _ title: String, _ content: (inout Markup) -> Void) {
    element("section", ["id": id]) { section in
      section.element("h2", title)
      content(&section)
    }
  }

  /// What is to be known before a section's pictures and tables.
  mutating func lead(_ text: String) { element("p", ["class": "lead"], text) }

  /// A paragraph for each of `lines`.
  mutating func paragraphs(_ lines: [String]) {
    for line in lines { element("p", line) }
  }

  /// Lines for a shell, to be copied as they stand.
  mutating func commands(_ lines: [String], _ attributes: Attributes = [:]) {
    element("pre", attributes) { code in
      for line in lines {
        code.text(line)
        code.literal("\n")
      }
    }
  }

  /// A list with an item for each of `lines`.
  mutating func list(_ lines: [String], _ attributes: Attributes = [:]) {
    guard !lines.isEmpty else { return }
    element("ul", attributes) { list in
      for line in lines { list.element("li", line) }
    }
  }
}
