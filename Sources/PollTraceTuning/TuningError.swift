/// Why a parameter was not set, confirmed or restored: what, and what to do.
package struct TuningError: Error, Hashable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable {
    /// What the user asked for makes no sense.
    case usage
    /// It would not work on this machine.
    case refused
    /// Another change is open, or another process is at work.
    case busy
    /// What is asked for is so already.
    case nothing
    /// Somebody else has changed a parameter meanwhile.
    case changedByOthers
    /// The change is no longer open: confirmed, reverted or rolled back.
    case ended
    /// The system did not do it.
    case failed
  }

  package var kind: Kind
  package var words: String
  package var remedy: String?

  init(_ kind: Kind, _ words: String, _ remedy: String?) {
    (self.kind, self.words, self.remedy) = (kind, words, remedy)
  }

  package var description: String { words + (remedy.map { "\n  \($0)" } ?? "") }

  package static func usage(_ words: String, _ remedy: String?) -> Self {
    Self(.usage, words, remedy)
  }
  static func refused(_ words: String, _ remedy: String?) -> Self { Self(.refused, words, remedy) }
  static func busy(_ words: String, _ remedy: String?) -> Self { Self(.busy, words, remedy) }
  static func ended(_ words: String, _ remedy: String?) -> Self { Self(.ended, words, remedy) }
  static func failed(_ words: String, _ remedy: String?) -> Self { Self(.failed, words, remedy) }
}

extension TuningError {
  /// The same with what became of it.
  package func adding(_ words: [String]) -> Self {
    Self(kind, self.words, ([remedy].compactMap(\.self) + words).joined(separator: "\n  "))
  }
}
