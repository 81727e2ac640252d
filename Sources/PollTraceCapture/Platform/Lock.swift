import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Says that somebody is at work, as long as it is held: the kernel takes it away with the process.
///
/// A process id would say so only inside its own PID namespace, and to those who may see it in /proc
/// (hidepid). A lock belongs to the open file (flock(2)), so all namespaces see it that see the file.
final class Lock: Sendable {
  private let file: File

  /// Why a lock is not taken.
  enum Refusal: Error, Hashable {
    /// Somebody holds it.
    case isHeld
    /// The file system has no locks, or the file cannot be opened.
    case failed(SystemError)
  }

  /// Locks `file` without waiting.
  init(_ file: consuming File) throws(Refusal) {
    let descriptor = file.descriptor
    self.file = file
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      throw errno == EWOULDBLOCK ? .isHeld : .failed(.last)
    }
  }

  /// Locks the file `name` of ours in `folder`, which is made where it is missing.
  convenience init(_ name: OSString, in folder: Folder) throws(Refusal) {
    let file: File
    do { file = try folder.open(name, for: .updating) } catch { throw .failed(error) }
    try self.init(file)
  }

  /// Locks the directory at `path`.
  convenience init(folder path: String) throws(Refusal) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failed(.last) }
    try self.init(File(owning: descriptor))
  }
}
