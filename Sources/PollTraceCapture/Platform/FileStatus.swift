package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the system says of a file, a directory or a link.
package struct FileStatus: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case file, folder, link
    /// A character device, such as a terminal.
    case device
    case other
  }

  package var kind: Kind
  var owner: UInt32
  var group: UInt32
  /// Rights alone, without set-user-id and the like.
  var mode: UInt32
  /// Names that it has.
  var links: UInt64
  package var size: Int
  /// Which file it is, on this machine.
  private var device: UInt64
  private var number: UInt64

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      case S_IFCHR: .device
      default: .other
      }
    owner = status.st_uid
    group = status.st_gid
    mode = status.st_mode & 0o777
    links = UInt64(status.st_nlink)
    size = Int(status.st_size)
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
  }

  /// That of an open file.
  package init(ofDescriptor descriptor: Int32) throws(SystemError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .last }
    self.init(status)
  }

  /// That of what `path` names, links followed.
  package init(of path: OSString) throws(SystemError) {
    var status = stat()
    guard unsafe stat(path.c, &status) == 0 else { throw .last }
    self.init(status)
  }

  /// That of `name` in `folder`; a link is not followed.
  init(of name: OSString, in folder: Folder) throws(SystemError) {
    var status = stat()
    guard unsafe fstatat(folder.descriptor, name.c, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .last
    }
    self.init(status)
  }

  /// Whether it is the same file as `other`.
  package func isSame(as other: Self) -> Bool { device == other.device && number == other.number }

  /// Whether it belongs to the user that this process acts for.
  var isOurs: Bool { owner == geteuid() }
}

extension OSString {
  /// The bytes as C takes them.
  package var c: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}
