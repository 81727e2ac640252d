/// The places that such text may go to, and what makes it fit for each.
extension Untrusted {
  /// For a terminal, in one line: what could move the cursor, change colours or hide letters is shown
  /// as U+FFFD.
  package var terminal: String {
    unescaped.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } ? unescaped : printable(unescaped)
  }

  /// A field of CSV (RFC 4180), in one line.
  ///
  /// A spreadsheet would compute what begins like a formula: an apostrophe before it says that it is
  /// text. A lone `-` (standard input) is none. Scalars are compared, not characters: a comma with a
  /// combining mark behind it ends a field all the same.
  package var csv: String {
    let isFormula = unescaped.unicodeScalars.first.map(formulas.contains) ?? false
    let text = (isFormula && unescaped != "-" ? "'" : "") + terminal
    guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2c }) else { return text }
    var quoted = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append("\"") }
      quoted.append(scalar)
    }
    quoted.append("\"")
    return String(quoted)
  }

  /// The value of a label of a metric, between its quotes (Prometheus text format 0.0.4, OpenMetrics 1.0):
  /// in one line, and nothing that a terminal obeys.
  ///
  /// What cannot be shown becomes `_`: Prometheus reads U+FFFD as damage, and no query could name it.
  package var label: String {
    unescaped.unicodeScalars.reduce(into: "") { label, scalar in
      if scalar == "\"" || scalar == "\\" { label += "\\" }
      label.unicodeScalars.append(scalar.isShown && scalar != "\u{FFFD}" ? scalar : "_")
    }
  }

  /// Text or the value of an attribute of HTML.
  package var html: String {
    let isPlain = unescaped.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && ($0 < 0x26 || $0 > 0x27) && $0 != 0x3c && $0 != 0x3e
    }
    if isPlain { return unescaped }
    return terminal.unicodeScalars.reduce(into: "") { html, scalar in
      switch scalar {
      case "&": html += "&amp;"
      case "<": html += "&lt;"
      case ">": html += "&gt;"
      case "\"": html += "&quot;"
      case "'": html += "&#39;"
      default: html.unicodeScalars.append(scalar)
      }
    }
  }

  /// A string of JSON (RFC 8259) with its quotes: the same text, and nothing that a terminal obeys.
  package var json: String {
    unescaped.unicodeScalars.reduce(into: "\"") { json, scalar in
      switch scalar {
      case "\"": json += "\\\""
      case "\\": json += "\\\\"
      case "\u{8}": json += "\\b"
      case "\u{c}": json += "\\f"
      case "\n": json += "\\n"
      case "\r": json += "\\r"
      case "\t": json += "\\t"
      default:
        if scalar.isASCII ? scalar.value >= 0x20 && scalar.value < 0x7f : scalar.isShown {
          json.unicodeScalars.append(scalar)
        } else {
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        }
      }
    } + "\""
  }
}

/// What makes a cell a formula in Excel, LibreOffice Calc and Google Sheets.
private let formulas: Set<Unicode.Scalar> = [
  "=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠",
]

private func printable(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isShown ? $0 : "\u{FFFD}" }))
}
