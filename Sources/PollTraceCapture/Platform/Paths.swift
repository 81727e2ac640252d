#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What can be asked of a path.
package enum Paths {
  /// All of a file's bytes.
  static func bytes(_ path: String) throws(SystemError) -> [UInt8] {
    try File(path).readAll()
  }

  /// `count` bytes at `offset`; nil where they cannot be read.
  static func bytes(_ path: String, at offset: UInt64, count: Int) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe pread(file, &bytes, count, off_t(truncatingIfNeeded: offset))
    return read == count ? bytes : nil
  }

  /// All of a file as text; nil where it cannot be read.
  package static func text(_ path: String) -> String? {
    (try? bytes(path)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The file's only line, without what ends it.
  package static func line(_ path: String) -> String? {
    text(path).map { String($0.prefix { !$0.isNewline }) }
  }

  /// The names in a directory, without `.` and `..`, in no order.
  package static func names(in path: String) throws(SystemError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw .last }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// What a symbolic link says.
  package static func link(_ path: String) throws(SystemError) -> String {
    var text = [CChar](repeating: 0, count: 4_096)
    let count = unsafe readlink(path, &text, text.count)
    guard count >= 0 else { throw .last }
    return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a file's mode lets its owner write: root's rights do not count in sysfs (linux
  /// fs/kernfs/file.c, kernfs_fop_open()).
  package static func isWritableByMode(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IWUSR != 0
  }

  /// How many names a directory's inode has.
  static func links(_ path: String) -> Int {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int(status.st_nlink) : 0
  }

  /// Why `path` may not be written; nil where it may.
  static func refusal(toWrite path: String) -> SystemError? {
    unsafe access(path, W_OK) == 0 ? nil : .last
  }

  package static func makeDirectory(_ path: String) throws(SystemError) {
    guard unsafe mkdir(path, 0o750) == 0 else { throw .last }
  }

  static func removeDirectory(_ path: String) { _ = unsafe rmdir(path) }

  /// Whether this user may run the file at `path`.
  package static func isExecutable(_ path: String) -> Bool {
    unsafe access(path, X_OK) == 0 && !isDirectory(path)
  }

  /// Whether this user may read and write the file at `path`.
  package static func isUsable(_ path: String) -> Bool { unsafe access(path, R_OK | W_OK) == 0 }

  /// The folders of PATH, in its order.
  package static var ofPrograms: [String] {
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    return path.split(separator: ":").map(String.init)
  }
}
