package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A directory for files of one's own, removed with them when it goes away.
package struct ScratchFolder: ~Copyable {
  package let path: OSString

  /// A new directory, readable by this user alone, in TMPDIR or /tmp.
  package init() throws(SystemError) {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
    let base = OSString(parent.isEmpty ? "/tmp" : parent) + "/polltrace-XXXXXX"
    var template = base.c
    guard unsafe mkdtemp(&template) != nil else { throw .last }
    path = OSString(bytes: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)))
  }

  deinit {
    if let folder = try? Folder(path), let names = try? folder.names() {
      for name in names { folder.remove(OSString(name)) }
    }
    _ = unsafe rmdir(path.c)
  }
}
