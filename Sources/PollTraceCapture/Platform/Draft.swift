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
/// A signal that ends the process removes it first. One at a time.
package struct Draft: ~Copyable {
  private let file: File
  private let name: OSString
  private let place: Place

  /// How many names are tried: others may have taken some, or been killed and left them.
  private static let attempts = 100

  /// A draft for `place`, readable by nobody who may not read what lies there.
  ///
  /// - Throws: where none can be made there, or what lies there may not be written.
  package init(for place: Place) throws(SystemError) {
    if let refusal = place.refusal { throw refusal }
    let mode: mode_t = place.status == nil ? 0o644 : 0o600
    for attempt in 0..<Self.attempts {
      let name: OSString = ".polltrace-\(getpid())-\(attempt).part"
      let descriptor = unsafe linux_make_draft(place.folder.descriptor, name.c, mode)
      if descriptor < 0, errno == EEXIST { continue }
      guard descriptor >= 0 else { throw .last }
      file = File(owning: descriptor)
      self.name = name
      self.place = place
      return
    }
    throw SystemError(code: EEXIST)
  }

  deinit { linux_remove_draft() }

  package func write(_ bytes: [UInt8]) throws(SystemError) { try file.write(bytes) }

  /// Puts it in its place.
  package consuming func put() throws(SystemError) {
    try place.put(name, of: place.folder)
    linux_keep_draft()
  }
}
