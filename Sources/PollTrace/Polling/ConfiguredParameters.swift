/// What is configured to be set of kvm's halt-polling parameters when kvm is loaded; nil where nothing is.
package struct ConfiguredParameters: Hashable, Sendable {
  /// In the order of `PollParameters.names`.
  package private(set) var values = [UInt32?](repeating: nil, count: PollParameters.names.count)

  package init() {}

  /// Takes modprobe's configuration, a file's text (modprobe.d(5)): `options kvm NAME=VALUE…`.
  ///
  /// A later value replaces an earlier one, as kernel and modprobe have it.
  package mutating func take(modprobe text: String) {
    for line in Self.lines(text) {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count > 2, words[0] == "options", words[1] == "kvm" else { continue }
      for word in words.dropFirst(2) { take(word) }
    }
  }

  /// Takes the kernel's command line: `kvm.NAME=VALUE`, which modprobe passes on behind its own options.
  package mutating func take(commandLine text: String) {
    for word in text.split(whereSeparator: \.isWhitespace) {
      // What follows is for the first process.
      if word == "--" { return }
      if word.hasPrefix("kvm.") { take(word.dropFirst(4)) }
    }
  }

  private mutating func take(_ assignment: Substring) {
    let parts = assignment.split(separator: "=", maxSplits: 1)
    guard parts.count == 2,
      // The kernel takes hyphens for underscores (linux kernel/params.c, parameq()).
      let index = PollParameters.names.firstIndex(
        of: String(parts[0].map { $0 == "-" ? "_" : $0 })),
      let value = Self.number(parts[1].filter { $0 != "\"" })
    else { return }
    values[index] = value
  }

  /// The number in `text` as the kernel reads it (linux lib/kstrtox.c): decimal, or by its prefix
  /// hexadecimal or octal.
  private static func number(_ text: String) -> UInt32? {
    let lower = text.lowercased()
    if lower.hasPrefix("0x") { return UInt32(lower.dropFirst(2), radix: 16) }
    if lower.hasPrefix("0"), lower.count > 1 { return UInt32(lower.dropFirst(), radix: 8) }
    return UInt32(lower)
  }

  /// Lines without comments; one that ends with a backslash goes on in the next.
  private static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var begun = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasSuffix("\\") {
        begun += line.dropLast() + " "
        continue
      }
      lines.append(begun + line)
      begun = ""
    }
    return (lines + [begun]).filter { !$0.hasPrefix("#") }
  }
}
