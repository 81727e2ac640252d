import CLinux
package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where a file is to be: its name, in a directory that is held open.
package struct Place: Sendable {
  package let folder: Folder
  package let name: OSString
  /// Its path, links at its end followed.
  package let path: OSString

  /// As many links are followed as the kernel does (`MAXSYMLINKS`, linux include/linux/namei.h).
  private static let mostLinks = 40

  /// The place that `path` names, which need not be there; its directory must be.
  ///
  /// A link at its end is followed, as cp does, if root or the user that this process acts for made it:
  /// another user's might name any file, such as one that only root may write.
  /// - Throws: where the directory cannot be opened, or such a link is there.
  package init(_ path: OSString) throws(SystemError) {
    var path = path
    var (parent, name) = Self.split(path)
    var folder = try Folder(parent)
    for _ in 0..<Self.mostLinks {
      guard let target = try Self.target(of: name, in: folder) else {
        (self.folder, self.name, self.path) = (folder, name, path)
        return
      }
      let isAbsolute = target.bytes.first == UInt8(ascii: "/")
      path = isAbsolute ? target : OSString(bytes: parent.bytes + "/".utf8 + target.bytes)
      let (next, last) = Self.split(target)
      folder = try Folder(next, from: folder)
      (parent, name) = (Self.split(path).parent, last)
    }
    throw .tooManyLinks
  }

  /// The directory and the name of `path`; a path that ends with a slash names a directory's `.`.
  private static func split(_ path: OSString) -> (parent: OSString, name: OSString) {
    guard let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let parent = OSString(bytes: path.bytes[...slash])
    let name = OSString(bytes: path.bytes[(slash + 1)...])
    return (parent, name.bytes.isEmpty ? "." : name)
  }

  /// Where the link `name` leads; nil where it is none.
  private static func target(
    of name: OSString, in folder: Folder
  ) throws(SystemError) -> OSString? {
    let link = unsafe linux_open_link(folder.descriptor, name.c)
    guard link >= 0 else {
      guard errno == ENOENT else { throw .last }
      return nil
    }
    defer { close(link) }
    let status = try FileStatus(ofDescriptor: link)
    guard status.kind == .link else { return nil }
    guard status.isOurs || status.owner == 0 else {
      throw SystemError(
        distrust: "user \(status.owner) made it a symbolic link, and may not choose what is written"
      )
    }
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlinkat(link, "", &text, text.count)
    guard count > 0 else { throw .last }
    return OSString(bytes: text.prefix(count).map(UInt8.init(bitPattern:)))
  }

  /// What lies there now; nil for nothing.
  package var status: FileStatus? { folder.status(of: name) }

  /// Why what lies there may not be replaced: a directory that may be written to would allow that even
  /// for a file that may not; nil where it may, or nothing is there.
  package var refusal: SystemError? { status == nil ? nil : folder.refusal(toWrite: name) }

  /// Puts the file `draft` of `source` here, in one step; it gets the rights and, where the system allows
  /// it, the owner, the access control list and other attributes of the file that it replaces; the first
  /// attribute that it could not get is given back.
  @discardableResult
  package func put(_ draft: OSString, of source: Folder) throws(SystemError) -> String? {
    var missed: String?
    if let old = status, old.kind == .file {
      let file = try source.open(draft, for: .updating)
      if fchown(file.descriptor, old.owner, old.group) != 0 {
        _ = fchown(file.descriptor, uid_t.max, old.group)
      }
      guard fchmod(file.descriptor, old.mode) == 0 else { throw .last }
      missed = copyAttributes(to: file)
    }
    guard unsafe renameat(source.descriptor, draft.c, folder.descriptor, name.c) == 0 else {
      throw .last
    }
    return missed
  }

  /// Has `file` get the attributes of what lies here; gives the name of the first one that it could not get.
  ///
  /// What may be written but not read has its attributes hidden, too: then there is nothing to name.
  private func copyAttributes(to file: borrowing File) -> String? {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let old = unsafe openat(folder.descriptor, name.c, flags)
    guard old >= 0 else { return nil }
    defer { close(old) }
    var missed = [CChar](repeating: 0, count: 256)
    guard unsafe linux_copy_attributes(old, file.descriptor, &missed) != 0 else { return nil }
    return String(
      decoding: missed.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
