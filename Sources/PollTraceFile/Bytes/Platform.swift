internal import PollTrace

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The calls of the C library that reading files takes; nothing else here names it.
enum Platform {
  /// What the system says of a failed call.
  struct Failure: Error, Hashable {
    var code: Int32
    var reason: String
    static var last: Failure {
      let code = errno
      return unsafe Failure(code: code, reason: String(cString: strerror(code)))
    }
  }

  /// What lies behind a path.
  enum Kind { case file(size: Int), folder, stream }

  /// Opens `path` for reading.
  static func open(_ path: OSString) throws(Failure) -> Int32 {
    let file = unsafe Glibc.open(c(path), O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .last }
    return file
  }

  /// The bytes as C takes them.
  private static func c(_ path: OSString) -> [CChar] {
    path.bytes.map { CChar(bitPattern: $0) } + [0]
  }

  static func close(_ file: Int32) { _ = Glibc.close(file) }

  static func kind(of file: Int32) throws(Failure) -> Kind {
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw .last }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file(size: Int(status.st_size))
    default: return .stream
    }
  }

  /// Size and time of change of the regular file at `path`.
  static func state(of path: OSString) -> SharedFiles.State? {
    var status = stat()
    guard unsafe stat(c(path), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return SharedFiles.State(
      size: Int(status.st_size), changed: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec])
  }

  /// Maps `size` bytes of `file`, read-only.
  static func map(_ file: Int32, size: Int) throws(Failure) -> UnsafeRawBufferPointer {
    let pages = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0)
    guard let pages = unsafe pages, unsafe pages != MAP_FAILED else { throw .last }
    unsafe madvise(pages, size, MADV_WILLNEED)
    return unsafe UnsafeRawBufferPointer(start: pages, count: size)
  }

  static func unmap(_ bytes: UnsafeRawBufferPointer) {
    unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  /// Reads what `file` gives until its end behind what is in `all`, or until there are `most` bytes.
  static func read(_ file: Int32, into all: inout [UInt8], atMost most: Int) throws(Failure) {
    var part = [UInt8](repeating: 0, count: 1 << 18)
    while all.count < most {
      let wanted = min(part.count, most - all.count)
      let count = unsafe part.withUnsafeMutableBytes {
        unsafe Glibc.read(file, $0.baseAddress, wanted)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .last }
      if count == 0 { return }
      all += part[0..<count]
    }
  }
}
