import CLinux
import PollTrace
import PollTraceCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A descriptor of this process, closed when the last user is gone.
final class Descriptor {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  /// A descriptor of the process `process`, which stays its own when the id is given away anew.
  static func process(_ process: ProcessID) throws(SystemError) -> Descriptor {
    let number = linux_process(process.rawValue)
    guard number >= 0 else { throw .last }
    return Descriptor(number)
  }

  /// A duplicate of descriptor `number` of the process that this one is of.
  ///
  /// linux kernel/pid.c `pidfd_getfd()`: the caller needs what ptrace needs, CAP_SYS_PTRACE.
  func descriptor(_ number: Int32) throws(SystemError) -> Descriptor {
    let duplicate = linux_descriptor_of(self.number, number)
    guard duplicate >= 0 else { throw .last }
    return Descriptor(duplicate)
  }

  /// The file's bytes from `offset` on, as many as `buffer` takes; how many there were.
  func read(into buffer: inout [UInt8], from offset: Int) throws(SystemError) -> Int {
    var count = 0
    repeat {
      count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe pread(number, bytes.baseAddress, bytes.count, off_t(offset))
      }
    } while count < 0 && errno == EINTR
    guard count >= 0 else { throw .last }
    return count
  }

  /// This process may open as many files as it may at most: a vCPU takes one.
  static func allowMany() { linux_allow_open_files() }
}

/// Numbers as the kernel laid them into memory.
enum Word {
  /// The number at byte `offset`; nil where it does not lie in `bytes` whole.
  static func read<Number: FixedWidthInteger & BitwiseCopyable>(
    _: Number.Type, _ bytes: borrowing [UInt8], at offset: Int
  ) -> Number? {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else { return nil }
    return unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: offset, as: Number.self)
    }
  }
}

/// What a wait waits for beside time and the end of processes.
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

/// Waiting for processes to end.
enum Waiting {
  /// What a wait ended with.
  struct Outcome {
    /// Which of the descriptors are of processes that have ended.
    var ended: [Int] = []
    /// Whether what was waited for beside them has come, or never will.
    var hasCome = false
  }

  /// Waits at most `length` until a process ends, or until `other` has come.
  static func wait(
    for processes: [Descriptor], or other: WaitedFor?, atMost length: Nanoseconds
  ) -> Outcome {
    var files = processes.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
    if let other { files.append(other.file) }
    // Rounded up: a wait of less than a millisecond must not become a loop that does not wait.
    let milliseconds = Int32(clamping: length.rawValue / 1_000_000 + 1)
    var outcome = Outcome()
    guard unsafe poll(&files, nfds_t(files.count), length == 0 ? 0 : milliseconds) > 0 else {
      return outcome
    }
    outcome.ended = processes.indices.filter { files[$0].revents != 0 }
    outcome.hasCome = other != nil && files[files.count - 1].revents != 0
    return outcome
  }
}
