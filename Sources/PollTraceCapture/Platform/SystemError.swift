#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A refusal: of the system, by its `errno`, or of ours where what lies at a path is not to be trusted.
package struct SystemError: Error, Hashable {
  package var code: Int32
  /// What is wrong, where the system did not say it.
  private var words: String?

  package init(code: Int32) { self.code = code }

  /// What lies at a path is not to be trusted: half a sentence that says why.
  init(distrust words: String) {
    code = EPERM
    self.words = words
  }

  /// The calling thread's last refusal.
  package static var last: Self { Self(code: errno) }
  static let outOfMemory = Self(code: ENOMEM)
  static let tooManyLinks = Self(code: ELOOP)
  static let noSpace = [ENOSPC, EDQUOT, EFBIG]
  static let refused = [EACCES, EPERM, EROFS]

  /// What lies at a path is not to be trusted.
  var isDistrust: Bool { words != nil }
  var isNoSpace: Bool { Self.noSpace.contains(code) }
  package var isRefused: Bool { Self.refused.contains(code) }
  package var isMissing: Bool { code == ENOENT || code == ENOTDIR }
  /// Something of that name is there.
  var isTaken: Bool { code == EEXIST }
  var isReadOnly: Bool { code == EROFS }
  var isNoDevice: Bool { code == ENODEV }
  var isOutOfMemory: Bool { code == ENOMEM }
  package var isTooMany: Bool { code == EMFILE || code == ENFILE }
  package var isBadDescriptor: Bool { code == EBADF || code == ESRCH }
  /// Whoever read what was written went away.
  package var isBrokenPipe: Bool { code == EPIPE }
  package var text: String {
    unsafe words ?? String(cString: strerror(code))
  }
}
