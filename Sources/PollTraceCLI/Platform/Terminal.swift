import PollTrace
import PollTraceReport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Standard error, for talk; standard output is for data.
struct StandardError: TextOutputStream {
  mutating func write(_ text: String) { Output.write(text, to: STDERR_FILENO) }

  /// Writes a line of talk.
  static func say(_ line: String) {
    var error = StandardError()
    print(line, to: &error)
  }
}

/// Small files that a user names.
enum Input {
  /// The text of the file at `path`, which is smaller than a megabyte.
  static func text(path: String) throws -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unreadable(path, Output.reason()) }
    defer { close(file) }
    let most = 1 << 20
    var bytes = [UInt8](repeating: 0, count: most)
    var length = 0
    while length < most {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(file, buffer.baseAddress.map { unsafe $0 + length }, most - length)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw unreadable(path, Output.reason()) }
      if got == 0 { return String(decoding: bytes[..<length], as: UTF8.self) }
      length += got
    }
    throw unreadable(path, "it has a megabyte or more")
  }

  private static func unreadable(_ path: String, _ reason: String) -> Output.Failure {
    Output.Failure(
      description: "\(path): cannot be read: \(reason)\n  Name a file of text that you may read.")
  }
}

/// What the place that text goes to can show.
enum Terminal {
  /// Whether `file` is a terminal.
  static func isTerminal(_ file: Int32) -> Bool { isatty(file) == 1 }

  /// The style for standard output: the terminal's width and characters; 100 columns elsewhere.
  static var style: Bars.Style {
    var size = winsize()
    let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let columns = isKnown ? Int(size.ws_col) : 100
    return Bars.Style(
      width: max(40, columns), tableWidth: isKnown ? max(40, columns) : .max,
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

  /// CPUs that this process may use.
  static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
