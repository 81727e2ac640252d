import CLinux
import PollTrace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is written beside its place and put there when it is whole; until then what lay there
/// stays, and if it never comes to that nothing is left of it.
///
/// Where the file system can, it has no name until it is whole, and nothing is left of it however the
/// process ends. Elsewhere a signal that ends the process removes it first (but SIGKILL). One at a time.
package struct Draft: ~Copyable {
  private let file: File
  /// Nil as long as it has none.
  private let name: OSString?
  private let place: Place

  /// How many names are tried: others may have taken some, or been killed and left them.
  private static let attempts = 100
  private static func name(_ attempt: Int) -> OSString {
    ".polltrace-\(getpid())-\(attempt).part"
  }

  /// A draft for `place`, readable by nobody who may not read what lies there.
  ///
  /// One `forAll` is readable by all, whatever the umask, where nothing lies there yet.
  /// - Throws: where none can be made there, or what lies there may not be written.
  package init(for place: Place, forAll: Bool = false) throws(SystemError) {
    if let refusal = place.refusal { throw refusal }
    let mode: mode_t = place.status == nil ? 0o644 : 0o600
    let nameless = linux_make_nameless_draft(place.folder.descriptor, mode)
    let (descriptor, name) =
      nameless >= 0 ? (nameless, nil) : try Self.makeNamed(in: place.folder.descriptor, mode)
    if forAll, place.status == nil { fchmod(descriptor, 0o644) }
    file = File(owning: descriptor)
    self.name = name
    self.place = place
  }

  /// A new file in a folder, and its name.
  private static func makeNamed(
    in folder: Int32, _ mode: mode_t
  ) throws(SystemError) -> (descriptor: Int32, name: OSString?) {
    for attempt in 0..<attempts {
      let name = name(attempt)
      let descriptor = unsafe linux_make_draft(folder, name.c, mode)
      if descriptor >= 0 { return (descriptor, name) }
      guard errno == EEXIST else { throw .last }
    }
    throw SystemError(code: EEXIST)
  }

  deinit { linux_remove_draft() }

  package func write(_ bytes: [UInt8]) throws(SystemError) { try file.write(bytes) }

  /// Puts it in its place, with the rights of what it replaces; gives the name of an attribute of that
  /// which it could not get.
  @discardableResult
  package consuming func put() throws(SystemError) -> String? {
    let missed = try place.put(try givenName(), of: place.folder)
    linux_keep_draft()
    return missed
  }

  /// Its name in its folder, which it gets where it has none.
  private borrowing func givenName() throws(SystemError) -> OSString {
    if let name { return name }
    for attempt in 0..<Self.attempts {
      let name = Self.name(attempt)
      if unsafe linux_name_draft(file.descriptor, place.folder.descriptor, name.c) == 0 {
        return name
      }
      guard errno == EEXIST else { throw .last }
    }
    throw SystemError(code: EEXIST)
  }
}
