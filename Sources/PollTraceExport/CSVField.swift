/// Names from a trace as fields of CSV: they are not ours, and may hold anything.
enum CSVField {
  /// `name`, quoted where RFC 4180 asks for it.
  ///
  /// Control characters become U+FFFD, so that a row is a line and no terminal is driven. A
  /// spreadsheet would compute what begins like a formula: an apostrophe before it says that it is
  /// text. A lone `-` (standard input) is none.
  static func text(_ name: String) -> String {
    var scalars = String.UnicodeScalarView()
    if let first = name.unicodeScalars.first, formulas.contains(first), name != "-" {
      scalars.append("'")
    }
    for scalar in name.unicodeScalars {
      scalars.append(isControl(scalar) ? "\u{FFFD}" : scalar)
    }
    guard scalars.contains(where: { $0 == "\"" || $0 == "," }) else { return String(scalars) }
    let doubled = String(scalars).split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"")
    return "\"\(doubled)\""
  }

  /// What makes a cell a formula in Excel, LibreOffice Calc and Google Sheets.
  private static let formulas: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠",
  ]

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
