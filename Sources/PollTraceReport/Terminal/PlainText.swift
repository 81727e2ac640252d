/// Text for places that show ASCII only.
package enum PlainText {
  /// `text` with signs that ASCII lacks spelt with those that it has; `?` for letters of names.
  package static func ascii(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar.isASCII {
        plain.append(scalar)
      } else {
        plain.append(contentsOf: (spelt[scalar] ?? "?").unicodeScalars)
      }
    }
    return String(plain)
  }

  /// Of one letter where the sign may stand in a table.
  private static let spelt: [Unicode.Scalar: String] = [
    "µ": "u", "–": "-", "·": "-", "×": "x", "→": "->", "≥": ">=", "≤": "<=", "…": "...",
    "’": "'", "─": "-", "█": "#",
  ]
}
