import CLinux
import PollTrace
import PollTraceCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The system's log: what was changed on this machine, and why.
enum SystemLog {
  /// Where syslogd, or systemd's journal in its place, listens.
  private static let socket = "/dev/log"
  /// Facility daemon (3), severity notice (5): RFC 3164, 4.1.1.
  private static let priority = 3 * 8 + 5

  /// Sends a line; false where nobody listens.
  @discardableResult
  static func note(_ line: String) -> Bool {
    let text = "<\(priority)>polltrace[\(Machine.process)]: \(line)"
    return unsafe linux_log(socket, text) == 0
  }
}
