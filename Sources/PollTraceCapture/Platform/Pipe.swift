import CLinux

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Two ends of a pipe.
struct Pipe: ~Copyable {
  let output: File
  let input: File
  /// Bytes it holds.
  let capacity: Int

  /// A pipe that holds `capacity` bytes, or fewer where the system allows no more.
  init(capacity: Int = 65_536) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    let granted = unsafe linux_pipe(&ends, Int32(capacity))
    guard granted > 0 else { throw .last }
    output = File(owning: ends[0])
    input = File(owning: ends[1])
    self.capacity = Int(granted)
  }

  /// Takes up to `capacity` bytes of whole pages from `source`; 0 where nothing is ready.
  func fill(from source: borrowing File) throws(SystemError) -> Int {
    let count = linux_splice(source.descriptor, input.descriptor, capacity, 1)
    if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
    guard count >= 0 else { throw .last }
    return count
  }

  /// Hands `count` bytes on to `target`.
  func empty(_ count: Int, into target: borrowing File) throws(SystemError) {
    var left = count
    while left > 0 {
      let moved = linux_splice(output.descriptor, target.descriptor, left, 0)
      if moved < 0, errno == EINTR { continue }
      guard moved > 0 else { throw .last }
      left -= moved
    }
  }
}
