/// The text of a tuned profile (tuned.conf(5)) with parameters set in it.
enum TunedText {
  /// `text` with each line that sets one of the parameters changed; those that have no line are put behind the
  /// last that has one.
  static func setting(_ setting: Setting, of target: Target, in text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var missing = setting.named(of: target)
    var last: Int?
    for (place, line) in lines.enumerated() {
      guard let key = key(line) else { continue }
      let found = target.parameters.first {
        key == "/sys/module/\(target.module)/parameters/\($0.name)"
      }
      guard let found, let value = setting.values[found.name] else { continue }
      lines[place] = Self.line(found, value, target)
      missing.removeAll { $0.parameter == found }
      last = place
    }
    guard let last else { return text }
    lines.insert(contentsOf: missing.map { line($0.parameter, $0.value, target) }, at: last + 1)
    return lines.joined(separator: "\n")
  }

  /// What stands before the `=`; nil in comments and where there is none.
  private static func key(_ line: String) -> String? {
    let trimmed = line.drop { $0 == " " || $0 == "\t" }
    guard let first = trimmed.first, first != "#", first != ";",
      let equals = trimmed.firstIndex(of: "=")
    else { return nil }
    return String(trimmed[..<equals].filter { $0 != " " && $0 != "\t" })
  }

  private static func line(_ parameter: Parameter, _ value: UInt32, _ target: Target) -> String {
    "/sys/module/\(target.module)/parameters/\(parameter.name)=\(parameter.text(value))"
  }
}
