import ArgumentParser
import PollTrace

/// The sentence that helps whoever used a command wrongly, where the parser's own does not.
enum UsageHint {
  /// What to say of `arguments`, which could not be parsed since `message`; nil where that says enough.
  static func sentence(_ arguments: [String], _ message: String) -> String? {
    guard let first = arguments.first else { return nil }
    let name = Untrusted(first).terminal
    guard let command = commands[first] else {
      return first.hasPrefix("-") ? nil : unknownCommand(first, name)
    }
    if let match = message.firstMatch(of: /Unknown option '(--[a-z-]+)/) {
      return stranger(String(match.1), to: command, first)
    }
    if message.contains("Missing expected argument '<traces>") {
      return "Name a trace, for example: polltrace \(first) trace.dat (- reads standard input)"
    }
    return nil
  }

  private static let commands: [String: any ParsableCommand.Type] = Dictionary(
    uniqueKeysWithValues: Polltrace.configuration.subcommands
      .filter { $0.configuration.shouldDisplay }
      .compactMap { command in command.configuration.commandName.map { ($0, command) } })

  private static func unknownCommand(_ first: String, _ name: String) -> String? {
    if first == "help" { return nil }
    let near = commands.keys.map { (name: $0, distance: distance($0, first)) }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    if let near, near.distance <= 2 {
      return "Unknown command '\(name)'. Did you mean '\(near.name)'?"
    }
    return first.contains(where: { "./".contains($0) })
      ? "'\(name)' is not a command. Try: polltrace report \(name)"
      : "Unknown command '\(name)'. See 'polltrace --help'."
  }

  /// What to say of `option`, which `command` does not have; nil where no other has it either.
  private static func stranger(
    _ option: String, to command: any ParsableCommand.Type, _ name: String
  ) -> String? {
    if options(of: ReplayCommand.self).contains(option), settings.contains(option) {
      return "\(name) has no \(option). To try a setting: polltrace replay TRACE "
        + "\(option) \(example(option))"
    }
    let owners = commands.filter { options(of: $0.value).contains(option) }.keys.sorted()
    guard !owners.isEmpty else { return nil }
    let words = owners.prefix(3).map { "'polltrace \($0)'" }.joined(separator: ", ")
    return "\(option) belongs to \(words)."
  }

  private static let settings = ["--halt-poll-ns", "--grow", "--grow-start", "--shrink"]

  private static func example(_ option: String) -> String {
    switch option {
    case "--halt-poll-ns": "50us"
    case "--grow-start": "10us"
    default: "2"
    }
  }

  /// The options that a command's help lists: lines that begin with one.
  private static func options(of command: any ParsableCommand.Type) -> Set<String> {
    let help = Polltrace.helpMessage(for: command, columns: 400)
    let lines = help.split(separator: "\n").filter { $0.hasPrefix("  -") }
    return Set(lines.flatMap { $0.prefix(60).matches(of: /--[a-z-]+/).map { String($0.0) } })
  }

  /// How many letters must be put in, taken out, changed or swapped with the next one.
  private static func distance(_ one: String, _ two: String) -> Int {
    let (one, two) = (Array(one.utf8), Array(two.utf8))
    guard one.count < 32, two.count < 32 else { return .max }
    var rows = [Array(0...two.count)]
    for (place, letter) in one.enumerated() {
      var row = [place + 1]
      for (other, found) in two.enumerated() {
        var least = min(
          rows[place][other + 1] + 1, row[other] + 1, rows[place][other] + (letter == found ? 0 : 1)
        )
        if place > 0, other > 0, letter == two[other - 1], one[place - 1] == found {
          least = min(least, rows[place - 1][other - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[one.count][two.count]
  }
}
