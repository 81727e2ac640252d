import CLinux
package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An open file, closed when it goes away.
package struct File: ~Copyable {
  package let descriptor: Int32

  package enum Purpose {
    /// To read; a file of the kernel that waits is read without waiting.
    case reading
    /// To write from its start; what was in it goes.
    case writing
    /// To write, keeping what is there.
    case updating

    /// The last two make a file that is missing.
    var flags: Int32 {
      switch self {
      case .reading: O_RDONLY | O_NONBLOCK
      case .writing, .updating: O_RDWR | O_CREAT
      }
    }
  }

  /// Opens the file at `path` for reading; one of the kernel that waits is read without waiting.
  package init(_ path: String) throws(SystemError) {
    descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
  }

  /// Opens the file at `path` for reading.
  package init(_ path: OSString) throws(SystemError) {
    descriptor = unsafe open(path.c, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
  }

  /// Opens the device or pipe at `path` for writing, as it is.
  ///
  /// - Throws: where a plain file is there: somebody has changed what the path names.
  package init(stream path: OSString) throws(SystemError) {
    descriptor = unsafe open(path.c, O_WRONLY | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    guard try FileStatus(ofDescriptor: descriptor).kind != .file else {
      throw SystemError(distrust: "it has become another file")
    }
  }

  package init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Bytes in the file.
  var size: Int {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Reads what there is, at most `limit` bytes; empty at the end, or where nothing is ready.
  package func read(upTo limit: Int) throws(SystemError) -> [UInt8] {
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

  /// Reads to its end.
  func readAll() throws(SystemError) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let some = try read(upTo: 65_536)
      if some.isEmpty { return all }
      all += some
    }
  }

  /// Writes all of `bytes`.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    try Self.write(bytes, to: descriptor)
  }

  /// Writes all of `bytes` to an open file.
  package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
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

  package func truncate(to size: Int) throws(SystemError) {
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
