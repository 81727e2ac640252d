#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tells any number of threads to stop.
final class StopSignal: Sendable {
  private let pipe: Pipe

  init() throws(SystemError) { pipe = try Pipe(capacity: 4_096) }

  /// Tells them: what is written is never read, so each of them sees it.
  func raise() { try? pipe.input.write([1]) }

  /// What waiting ended with.
  enum Event {
    case stopped, readable, nothing
    /// There is nothing that could become readable.
    case absent
  }

  /// Waits until stopped, until `file` has something to read, or until `milliseconds` passed.
  func wait(orFor file: borrowing File, milliseconds: Int32) -> Event {
    var files = [
      pollfd(fd: pipe.output.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: file.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    guard unsafe poll(&files, 2, milliseconds) > 0 else { return .nothing }
    if files[0].revents != 0 { return .stopped }
    return files[1].revents & Int16(POLLIN) != 0 ? .readable : .absent
  }

  /// Waits until stopped, or until `milliseconds` passed.
  func wait(milliseconds: Int32) {
    var files = [pollfd(fd: pipe.output.descriptor, events: Int16(POLLIN), revents: 0)]
    _ = unsafe poll(&files, 1, milliseconds)
  }
}
