/// Text that comes from a file or a process: names, kernel releases, damaged words. (Paths are `OSString`.)
///
/// Nobody vouches for what is in it. It is shown only by an exit that makes it fit for a place:
/// `terminal`, `csv`, `html`, `json` or `label`. It has no description, and putting one into a `String`
/// by interpolation is a warning, which the build takes for an error.
package struct Untrusted: Hashable, Sendable {
  /// As it came: to compare, to parse, or to open a file of that name.
  ///
  /// Never to show; `make lint` keeps it away from what shows.
  package let unescaped: String

  package init(_ text: String) { unescaped = text }

  package var isEmpty: Bool { unescaped.isEmpty }

  /// Its first `count` characters.
  package func prefix(_ count: Int) -> Self { Self(String(unescaped.prefix(count))) }

  /// The last part of a path.
  package var fileName: Self {
    Self(unescaped.split(separator: "/").last.map(String.init) ?? unescaped)
  }
}

/// Sentences in which such text stands are such text themselves.
extension Untrusted: ExpressibleByStringInterpolation {
  package init(stringLiteral value: String) { self.init(value) }
  package init(stringInterpolation: Interpolation) { self.init(stringInterpolation.text) }

  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {}
    package mutating func appendLiteral(_ literal: String) { text += literal }
    package mutating func appendInterpolation(_ other: Untrusted) { text += other.unescaped }
    package mutating func appendInterpolation(_ words: some CustomStringConvertible) {
      text += words.description
    }
  }

  package static func + (left: Self, right: Self) -> Self {
    Self(left.unescaped + right.unescaped)
  }

  /// One after the other, with `separator` between them.
  package static func joined(_ parts: some Sequence<Untrusted>, by separator: String) -> Self {
    Self(parts.map(\.unescaped).joined(separator: separator))
  }
}

extension DefaultStringInterpolation {
  /// Keeps such text from becoming a `String` unseen.
  @available(*, deprecated, message: "use .terminal, .csv, .html or .json")
  package mutating func appendInterpolation(_ text: Untrusted) { appendLiteral(text.terminal) }
  @available(*, deprecated, message: "use .terminal, .csv, .html or .json")
  package mutating func appendInterpolation(_ text: Untrusted?) {
    appendLiteral(text?.terminal ?? "")
  }
  @available(*, deprecated, message: "use .terminal, .csv, .html or .json")
  package mutating func appendInterpolation(_ texts: [Untrusted]) {
    for text in texts { appendLiteral(text.terminal) }
  }
}
