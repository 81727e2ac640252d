package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A directory that is held open: what is done by names in it happens there, whatever others do to
/// its path meanwhile.
package final class Folder: Sendable {
  package let descriptor: Int32

  private init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// The directory at `path`, which begins at `folder` where it is not absolute; links are followed.
  package init(_ path: OSString, from folder: Folder? = nil) throws(SystemError) {
    descriptor = unsafe openat(
      folder?.descriptor ?? AT_FDCWD, path.c, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
  }

  /// The directory `name` of ours in `parent`.
  ///
  /// - Throws: where it is a link, is another user's, or others may write to it: then they may have put
  ///   anything there.
  package init(own name: OSString, in parent: Folder) throws(SystemError) {
    let lies = try FileStatus(of: name, in: parent)
    guard lies.kind != .link else { throw SystemError(distrust: "it is a symbolic link") }
    descriptor = unsafe openat(
      parent.descriptor, name.c, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    let status = try FileStatus(ofDescriptor: descriptor)
    guard status.isOurs else { throw SystemError(distrust: "it belongs to user \(status.owner)") }
    guard status.mode & 0o022 == 0 else {
      throw SystemError(distrust: "others than its owner may write to it")
    }
  }

  /// Makes the directory `name` in `parent`, for this user alone.
  package static func make(_ name: OSString, in parent: Folder) throws(SystemError) -> Folder {
    guard unsafe mkdirat(parent.descriptor, name.c, 0o700) == 0 else { throw .last }
    return try Folder(own: name, in: parent)
  }

  /// Opens the file `name` of ours.
  ///
  /// - Throws: where it is a link, no plain file, has a second name or is another user's: then it is not
  ///   one that we made here.
  package func open(_ name: OSString, for purpose: File.Purpose) throws(SystemError) -> File {
    // Not waiting: a pipe that somebody put there would wait for its other end.
    let flags = purpose.flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let descriptor = unsafe openat(self.descriptor, name.c, flags, 0o644)
    guard descriptor >= 0 else {
      throw errno == ELOOP ? distrust(name, "is a symbolic link") : .last
    }
    let file = File(owning: descriptor)
    let status = try FileStatus(ofDescriptor: descriptor)
    guard status.kind == .file else { throw distrust(name, "is no plain file") }
    guard status.links == 1 else { throw distrust(name, "has another name elsewhere") }
    guard status.isOurs else { throw distrust(name, "belongs to user \(status.owner)") }
    if purpose == .writing { try file.truncate(to: 0) }
    return file
  }

  private func distrust(_ name: OSString, _ words: String) -> SystemError {
    SystemError(distrust: "\(name.shown) \(words)")
  }

  /// What `name` is; nil where there is none.
  func status(of name: OSString) -> FileStatus? { try? FileStatus(of: name, in: self) }

  package func has(_ name: OSString) -> Bool { status(of: name) != nil }

  /// Why the file `name` may not be written; nil where it may.
  func refusal(toWrite name: OSString) -> SystemError? {
    unsafe faccessat(descriptor, name.c, W_OK, AT_EACCESS) == 0 ? nil : .last
  }

  /// All of the file `name` of ours.
  package func bytes(of name: OSString) throws(SystemError) -> [UInt8] {
    try open(name, for: .reading).readAll()
  }

  /// Writes the file `name` whole: readers see the old one or the new one.
  func replace(_ name: OSString, with bytes: [UInt8]) throws(SystemError) {
    let draft = name + ".new"
    do {
      let file = try open(draft, for: .writing)
      try file.write(bytes)
    }
    guard unsafe renameat(descriptor, draft.c, descriptor, name.c) == 0 else { throw .last }
  }

  /// Writes the file `name` whole, and returns when that is on the disk; what lay there stays where it fails.
  package func store(_ name: OSString, _ bytes: [UInt8]) throws(SystemError) {
    let draft = name + ".new"
    do throws(SystemError) {
      let file = try open(draft, for: .writing)
      try file.write(bytes)
      guard fsync(file.descriptor) == 0 else { throw .last }
    } catch {
      remove(draft)
      throw error
    }
    try rename(draft, to: name)
  }

  /// Gives the file `old` the name `new`, and returns when that is on the disk.
  package func rename(_ old: OSString, to new: OSString) throws(SystemError) {
    guard unsafe renameat(descriptor, old.c, descriptor, new.c) == 0 else { throw .last }
    try keep()
  }

  /// Returns when its names are on the disk as they are.
  package func keep() throws(SystemError) {
    guard fsync(descriptor) == 0 else { throw .last }
  }

  /// Makes `bytes` the content of `name`: in place, where it is as long as before.
  ///
  /// One write, so that whoever is killed leaves the old content or the new. A file that is replaced
  /// each second is written to the disk each second (ext4's `auto_da_alloc`).
  func update(_ name: OSString, with bytes: [UInt8]) throws(SystemError) {
    guard status(of: name)?.size == bytes.count else { return try replace(name, with: bytes) }
    let file = try open(name, for: .updating)
    try file.write(bytes)
  }

  package func remove(_ name: OSString) { _ = unsafe unlinkat(descriptor, name.c, 0) }

  /// Removes the directory `name`, if it is empty.
  func removeFolder(_ name: OSString) { _ = unsafe unlinkat(descriptor, name.c, AT_REMOVEDIR) }

  /// The names in it, without `.` and `..`, in no order.
  func names() throws(SystemError) -> [String] {
    let other = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard other >= 0 else { throw .last }
    guard let directory = unsafe fdopendir(other) else {
      let error = SystemError.last
      close(other)
      throw error
    }
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

  /// Bytes that its disk can still take.
  var free: Int {
    var status = statvfs()
    guard unsafe fstatvfs(descriptor, &status) == 0 else { return Int.max }
    let (bytes, isTooMuch) = Int(status.f_bavail).multipliedReportingOverflow(
      by: Int(status.f_frsize))
    return isTooMuch ? Int.max : bytes
  }
}
