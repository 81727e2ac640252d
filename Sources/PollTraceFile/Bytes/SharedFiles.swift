internal import CLinux
package import PollTrace

/// Files that others may change while they are read.
package enum SharedFiles {
  /// From now on a file that is cut short while it is read ends the process with an explanation.
  ///
  /// Exit code 1 instead of an unexplained SIGBUS. For commands: it is the whole process's handler.
  package static func explainCuts() { linux_explain_sigbus() }

  /// Watches a mapped file; gives back what it is known by.
  static func watch(_ mapping: UnsafeRawBufferPointer, path: String) -> Int32 {
    unsafe linux_watch_mapping(
      mapping.baseAddress, mapping.count,
      """
      polltrace: \(path): was cut short while it was read
        Report again when its writer is done, or report a copy of it.

      """)
  }

  static func forget(_ number: Int32) { linux_forget_mapping(number) }

  /// What tells one state of a file from another.
  package struct State: Hashable, Sendable {
    var size: Int
    var changed: [Int]
  }

  /// The state of the file at `path` now; nil for a stream, or where there is none.
  package static func state(of path: OSString) -> State? {
    path == "-" ? nil : Platform.state(of: path)
  }
}
