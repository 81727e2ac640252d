/// What a merge, a logger or a shell puts before a line: names of files or hosts, times, numbers.
enum LinePrefix {
  /// The words of `prefix` that name a place: a file, a host, a container; nil where none does.
  static func place(_ prefix: String) -> String? {
    let words = prefix.split(separator: " ").compactMap { word in name(in: word) }
    // Fields by name are a script's own.
    guard !words.isEmpty, !words.contains(where: { $0.contains("=") }) else { return nil }
    return words.joined(separator: " ")
  }

  /// The name of a word less the numbers behind it (`trace.txt:12:`, `tracer[34]:`); nil where it is a time, a
  /// number, a day or a sign.
  private static func name(in word: Substring) -> Substring? {
    var name = word.drop { "[<(".contains($0) }
    if let colon = name.firstIndex(of: ":"),
      name[colon...].allSatisfy({ ":0123456789".contains($0) })
    {
      name = name[..<colon]
    }
    if let bracket = name.firstIndex(of: "["), name[bracket...].contains(where: \.isNumber) {
      name = name[..<bracket]
    }
    let letters = String(name).filter(\.isLetter)
    guard !letters.isEmpty, !days.contains(letters) else { return nil }
    // A time in ISO 8601, and the thread or CPU that printk prints ([T4711]).
    let isNumber = name.first?.isNumber ?? false || name.dropFirst().contains(where: \.isNumber)
    if isNumber, letters.allSatisfy({ "TZC".contains($0) }) { return nil }
    return name
  }

  private static let days: Set<String> = [
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul",
    "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The host in a shell's prompt before a command (`root@host:~# cat trace`, `[root@host ~]# cat trace`).
  static func promptHost(_ line: String) -> Substring? {
    let line = line.drop { $0 == "[" }
    guard let at = line.firstIndex(of: "@"), at > line.startIndex,
      line[..<at].allSatisfy({ $0.isLetter || $0.isNumber || "._-".contains($0) })
    else { return nil }
    let host = line[at...].dropFirst().prefix { $0.isLetter || $0.isNumber || ".-".contains($0) }
    let rest = line[host.endIndex...]
    guard !host.isEmpty, let next = rest.first, ": ".contains(next),
      ["# ", "$ ", "% "].contains(where: { rest.contains($0) })
    else { return nil }
    return host
  }
}
