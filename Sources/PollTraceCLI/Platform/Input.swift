import PollTrace
import PollTraceCapture

/// Small files that a user names.
enum Input {
  private static let most = 1 << 20

  /// The text of the file at `path`, which is smaller than a megabyte.
  ///
  /// - Throws: `Output.Failure`.
  static func text(path: OSString) throws -> String {
    var bytes: [UInt8] = []
    do throws(SystemError) {
      let file = try File(path)
      while bytes.count < most {
        let more = try file.read(upTo: most - bytes.count)
        if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
        bytes += more
      }
    } catch { throw unreadable(path, error.text) }
    throw unreadable(path, "it has a megabyte or more")
  }

  private static func unreadable(_ path: OSString, _ reason: String) -> Output.Failure {
    Output.Failure(
      description: "\(path.shown): cannot be read: \(reason)\n  "
        + "Name a file of text that you may read.")
  }
}
