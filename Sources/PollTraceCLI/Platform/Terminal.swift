import PollTrace
import PollTraceCapture
import PollTraceReport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Standard error, for talk; standard output is for data.
struct StandardError: TextOutputStream {
  mutating func write(_ text: String) {
    try? File.write(Array(text.utf8), to: STDERR_FILENO)
  }

  /// Writes a line of talk.
  static func say(_ line: String) {
    var error = StandardError()
    print(line, to: &error)
  }
}

/// What the place that text goes to can show.
enum Terminal {
  /// Whether `file` is a terminal.
  static func isTerminal(_ file: Int32) -> Bool { isatty(file) == 1 }

  /// The style for standard output: the terminal's width and characters; elsewhere COLUMNS, or 80 columns
  /// and room for whole tables.
  static var style: Bars.Style {
    var size = winsize()
    let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let asked = unsafe getenv("COLUMNS").flatMap { Int(unsafe String(cString: $0)) }
      .flatMap { $0 > 0 ? $0 : nil }
    let columns = isKnown ? Int(size.ws_col) : asked
    return Bars.Style(
      width: max(40, columns ?? 80), tableWidth: columns.map { max(40, $0) } ?? .max,
      isUnicode: isUnicode, isColoured: isColoured(STDOUT_FILENO))
  }

  /// Whether `file` is a terminal whose user did not refuse colour (no-color.org).
  private static func isColoured(_ file: Int32) -> Bool {
    let refused = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
    let isDumb = unsafe getenv("TERM").map { unsafe String(cString: $0) } == "dumb"
    return isTerminal(file) && !refused && !isDumb
  }

  /// `text` as standard output can show it.
  static func spelt(_ text: String) -> String { isUnicode ? text : PlainText.ascii(text) }

  /// Whether the locale's encoding is UTF-8 (LC_ALL, LC_CTYPE, LANG in that order); where nothing
  /// is said, text goes to files, which are UTF-8.
  private static var isUnicode: Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = unsafe getenv(name) else { continue }
      let text = unsafe String(cString: value)
      guard !text.isEmpty else { continue }
      return text.lowercased().contains("utf")
    }
    return !isTerminal(STDOUT_FILENO)
  }
}
