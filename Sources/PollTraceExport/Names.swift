/// Names from a trace, which are not ours and may hold anything.
enum Names {
  /// `name` with control characters replaced, so that it stays in its line and drives no terminal.
  static func printable(_ name: String) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
