package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A directory for this user alone, which is gone with what it holds when its last user is.
package final class TemporaryFolder: Sendable {
  package let path: OSString

  /// In TMPDIR, or /var/tmp: recordings may be larger than memory.
  package init() throws(SystemError) {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
    var template = Array((parent.isEmpty ? "/var/tmp" : parent).utf8CString.dropLast())
    template += "/polltrace-XXXXXX".utf8CString
    guard unsafe mkdtemp(&template) != nil else { throw .last }
    path = OSString(bytes: template.dropLast().map(UInt8.init(bitPattern:)))
  }

  deinit { remove() }

  /// Removes it now; who reads a file in it can go on.
  package func remove() {
    Self.empty(path)
    unsafe rmdir(path.c)
  }

  /// Removes what is in the folder, and in folders in it, which this user made.
  private static func empty(_ path: OSString) {
    guard let folder = try? Folder(path), let names = try? folder.names() else { return }
    for name in names {
      if folder.status(of: OSString(name))?.kind == .folder {
        empty(OSString(bytes: path.bytes + "/".utf8 + name.utf8))
        folder.removeFolder(OSString(name))
      } else {
        folder.remove(OSString(name))
      }
    }
  }
}
