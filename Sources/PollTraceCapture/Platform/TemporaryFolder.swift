package import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A directory for this user alone, which is gone with what it holds when its last user is.
///
/// What a process left that was killed goes when the next one is made beside it: it has a lock that nobody holds.
package final class TemporaryFolder: Sendable {
  package let path: OSString
  /// Nil where the file system has no locks.
  private let lock: Lock?

  private static let prefix = "polltrace-"
  private static let lockName: OSString = ".lock"

  /// In `parent`, else TMPDIR, else /var/tmp: recordings may be larger than memory.
  package init(in parent: OSString? = nil) throws(SystemError) {
    let named = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
    let parent = parent ?? OSString(named.isEmpty ? "/var/tmp" : named)
    Self.removeAbandoned(in: parent)
    var template = (parent + "/\(Self.prefix)XXXXXX").c
    guard unsafe mkdtemp(&template) != nil else { throw .last }
    path = OSString(bytes: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)))
    lock = Self.lock(path)
  }

  deinit { remove() }

  /// Removes it now; who reads a file in it can go on.
  package func remove() {
    Self.empty(path)
    unsafe rmdir(path.c)
  }

  /// Locks a folder that was just made; the lock has its name only when it is held, so that nobody takes the folder
  /// for one that was left.
  private static func lock(_ path: OSString) -> Lock? {
    let draft = lockName + ".new"
    guard let folder = try? Folder(path), let lock = try? Lock(draft, in: folder) else {
      return nil
    }
    do { try folder.rename(draft, to: lockName) } catch { return nil }
    return lock
  }

  /// Removes folders that were made like this one, by this user, by processes that are no more.
  private static func removeAbandoned(in parent: OSString) {
    guard let folder = try? Folder(parent), let names = try? folder.names() else { return }
    for name in names where name.hasPrefix(prefix) {
      guard let left = try? Folder(own: OSString(name), in: folder), left.has(lockName),
        let lock = try? Lock(lockName, in: left)
      else { continue }
      withExtendedLifetime(lock) {
        empty(parent + "/\(name)", but: lockName)
        // A child of the killed process may still write: then it is looked at again next time.
        guard (try? left.names()) == [lockName.text] else { return }
        left.remove(lockName)
        folder.removeFolder(OSString(name))
      }
    }
  }

  /// Removes what is in the folder, and in folders in it, which this user made.
  private static func empty(_ path: OSString, but kept: OSString? = nil) {
    guard let folder = try? Folder(path), let names = try? folder.names() else { return }
    for name in names where OSString(name) != kept {
      if folder.status(of: OSString(name))?.kind == .folder {
        empty(OSString(bytes: path.bytes + "/".utf8 + name.utf8))
        folder.removeFolder(OSString(name))
      } else {
        folder.remove(OSString(name))
      }
    }
  }
}
