package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a wait waits for beside time and what is its own.
package enum WaitedFor {
  /// Something to read from a descriptor.
  case input(Int32)
  /// Room to write to one: 4 KiB at least (POSIX, PIPE_BUF).
  case room(Int32)

  fileprivate var file: pollfd {
    switch self {
    case .input(let number): pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    case .room(let number): pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    }
  }
}

/// Waiting for files to become readable.
package enum Waiting {
  /// What a wait ended with.
  package struct Outcome {
    /// Which of the files are readable, or will never be.
    package var ready: [Int] = []
    /// Whether what was waited for beside them has come, or never will.
    package var hasCome = false
  }

  /// Waits at most `length` until one of the descriptors `files` is readable, or until `other` has come.
  package static func wait(
    for files: [Int32], or other: WaitedFor?, atMost length: Nanoseconds
  ) -> Outcome {
    var polled = files.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    if let other { polled.append(other.file) }
    // Rounded up: a wait of less than a millisecond must not become a loop that does not wait.
    let milliseconds = Int32(clamping: length.rawValue / 1_000_000 + 1)
    var outcome = Outcome()
    guard unsafe poll(&polled, nfds_t(polled.count), length == 0 ? 0 : milliseconds) > 0 else {
      return outcome
    }
    outcome.ready = files.indices.filter { polled[$0].revents != 0 }
    outcome.hasCome = other != nil && polled[polled.count - 1].revents != 0
    return outcome
  }
}
