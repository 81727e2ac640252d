import CLinux

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A refusal of the system: what its `errno` said.
struct SystemError: Error, Hashable {
  var code: Int32

  /// The calling thread's last refusal.
  static var last: Self { Self(code: errno) }
  static let outOfMemory = Self(code: ENOMEM)
  static let noSpace = [ENOSPC, EDQUOT, EFBIG]
  static let refused = [EACCES, EPERM, EROFS]

  var isNoSpace: Bool { Self.noSpace.contains(code) }
  var isRefused: Bool { Self.refused.contains(code) }
  var isMissing: Bool { code == ENOENT || code == ENOTDIR }
  var isReadOnly: Bool { code == EROFS }
  var isAgain: Bool { code == EAGAIN }
  var isNoDevice: Bool { code == ENODEV }
  var isInterrupt: Bool { code == EINTR }
  var isOutOfMemory: Bool { code == ENOMEM }
  var text: String { unsafe String(cString: strerror(code)) }
}

/// An open file, closed when it goes away.
struct File: ~Copyable {
  let descriptor: Int32

  enum Purpose {
    /// To read; a file of the kernel that waits is read without waiting.
    case reading
    /// To write into a new file, or over an old one from its start.
    case writing
    /// To write, keeping what is there.
    case updating

    var flags: Int32 {
      switch self {
      case .reading: O_RDONLY | O_NONBLOCK
      case .writing: O_WRONLY | O_CREAT | O_TRUNC
      case .updating: O_RDWR | O_CREAT
      }
    }
  }

  init(_ path: String, for purpose: Purpose) throws(SystemError) {
    descriptor = unsafe open(path, purpose.flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .last }
  }

  init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Bytes in the file.
  var size: Int {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Reads what there is, at most `limit` bytes; empty at the end, or where nothing is ready.
  func read(upTo limit: Int) throws(SystemError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      var got: Int
      repeat {
        got = unsafe Glibc.read(descriptor, buffer.baseAddress, limit)
      } while got < 0
        && errno == EINTR
      code = got < 0 ? errno : 0
      count = max(0, got)
    }
    guard code == 0 || code == EAGAIN else { throw SystemError(code: code) }
    return bytes
  }

  /// Writes all of `bytes`.
  func write(_ bytes: [UInt8]) throws(SystemError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .last }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads `range`, or as much of it as there is.
  func read(_ range: Range<Int>) throws(SystemError) -> [UInt8] {
    seek(to: range.lowerBound)
    var bytes: [UInt8] = []
    while bytes.count < range.count {
      let more = try read(upTo: range.count - bytes.count)
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  /// Moves on or back to byte `offset`.
  func seek(to offset: Int) { lseek(descriptor, off_t(offset), SEEK_SET) }

  /// The first byte that lies on disk at or after `offset`; the end where there is none.
  func firstStored(from offset: Int) -> Int {
    let found = linux_seek_data(descriptor, off_t(offset))
    if found >= 0 { return Int(found) }
    return errno == ENXIO ? size : offset
  }

  func truncate(to size: Int) throws(SystemError) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw .last }
  }

  /// Claims `count` bytes on disk.
  func reserve(_ count: Int) throws(SystemError) {
    let code = posix_fallocate(descriptor, 0, off_t(count))
    guard code == 0 else { throw SystemError(code: code) }
  }

  /// Gives the space of `range` back while the file keeps its size.
  func release(_ range: Range<Int>) {
    _ = linux_punch(descriptor, off_t(range.lowerBound), off_t(range.count))
  }

  /// Copies `range` of `source` to `offset` here, inside the kernel where it can.
  func copy(_ range: Range<Int>, of source: borrowing File, to offset: Int) throws(SystemError) {
    var from = off_t(range.lowerBound)
    var to = off_t(offset)
    while from < range.upperBound {
      let left = range.upperBound - Int(from)
      let count = copySome(source.descriptor, &from, left, &to)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .last }
      if count == 0 { return }
    }
  }

  private func copySome(
    _ source: Int32, _ from: inout off_t, _ count: Int, _ to: inout off_t
  ) -> Int {
    let copied = unsafe linux_copy(source, &from, descriptor, &to, count)
    guard copied < 0, [EXDEV, EINVAL, EOPNOTSUPP, ENOSYS].contains(errno) else { return copied }
    lseek(descriptor, to, SEEK_SET)
    let sent = unsafe sendfile(descriptor, source, &from, count)
    if sent > 0 { to += off_t(sent) }
    return sent
  }
}

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
