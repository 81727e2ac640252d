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

  /// The file's bytes from `offset` on, as many as `buffer` takes; how many bytes there were.
  func read(
    into buffer: inout [some FixedWidthInteger & BitwiseCopyable], from offset: Int
  ) throws(SystemError) -> Int {
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
