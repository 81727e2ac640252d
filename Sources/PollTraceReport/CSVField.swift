/// Names from a trace as fields of CSV.
package enum CSVField {
  /// `name`, quoted where RFC 4180 asks for it, in one line.
  ///
  /// A spreadsheet would compute what begins like a formula: an apostrophe before it says that it is
  /// text. A lone `-` (standard input) is none.
  package static func text(_ name: String) -> String {
    let isFormula = name.unicodeScalars.first.map(formulas.contains) ?? false
    let text = (isFormula && name != "-" ? "'" : "") + Printable.text(name)
    guard text.contains(where: { $0 == "\"" || $0 == "," }) else { return text }
    let doubled = text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"")
    return "\"\(doubled)\""
  }

  /// What makes a cell a formula in Excel, LibreOffice Calc and Google Sheets.
  private static let formulas: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠",
  ]
}
