import PollTrace

/// What `--version` prints: polltrace's own version, its commit, and the libraries it runs with.
enum Version {
  static let number = "0.1.0"

  /// polltrace with its version and commit.
  static var name: String { "polltrace \(number) (commit \(BuiltCommit.text))" }

  /// What `--version` prints; its name alone for all else, as the libraries take a look at /proc.
  static var shown: String { CommandLine.arguments.contains("--version") ? text : name }

  private static var text: String {
    [name, libraries.joined(separator: ", ")]
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// The C libraries that this process has loaded, as the names of their files tell.
  private static var libraries: [String] {
    guard let maps = try? Input.text(path: "/proc/self/maps") else { return [] }
    let files = Set(maps.split(separator: "\n").compactMap { $0.split(separator: "/").last })
    return ["libtracefs", "libtraceevent", "libzstd", "libz"].compactMap { name in
      files.lazy.compactMap { file in
        let prefix = "\(name).so."
        return file.hasPrefix(prefix) ? "\(name) \(file.dropFirst(prefix.count))" : nil
      }.first
    }
  }
}
