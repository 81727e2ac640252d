import Glibc

/// An open file, closed when the last user is gone.
final class Descriptor: Sendable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  /// Opens a file; `what` and `remedy` are what to say if it cannot be.
  convenience init(
    opening path: String, _ flags: Int32, mode: mode_t = 0, _ what: String, remedy: String
  ) throws(Failure) {
    let number = unsafe open(path, flags | O_CLOEXEC, mode)
    try self.init(checked(errno: number, what, remedy: remedy))
  }

  /// The file's first bytes.
  func read(atMost size: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    // Files of debugfs cannot be sought in.
    let count = unsafe bytes.withUnsafeMutableBytes {
      let count = unsafe pread(number, $0.baseAddress, size, 0)
      return unsafe count < 0 && errno == ESPIPE ? Glibc.read(number, $0.baseAddress, size) : count
    }
    try checked(errno: Int32(count), "cannot read", remedy: "See dmesg for what KVM says.")
    return Array(bytes.prefix(count))
  }

  /// `name` is the file's, for whoever reads that it cannot be written.
  func write(_ bytes: [UInt8], to name: String) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(number, $0.baseAddress, $0.count)
      }
      try checked(
        errno: Int32(count), "cannot write \(name)", remedy: "See whether the disk is full.")
      rest = rest.dropFirst(count)
    }
  }
}
