import ArgumentParser
import PollTrace
import PollTraceTuning

/// The command `polltrace confirm`.
struct ConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "Keep what polltrace apply has set.",
    discussion: """
      The values stay until the host is restarted, and after that where apply was given --persist: then the \
      file that sets them at each boot is written now.

      Exit codes: 0 confirmed; 1 no change is open, or its time was over; 2 confirmed, but somebody else \
      has set some of the parameters.
      """)

  @OptionGroup var root: RootArguments

  func run() throws {
    let (record, others) = try StateFolder(root: root.root).confirmOpen()
    let lines = record.shown("confirmed")
    try Output.write(Terminal.spelt(lines.joined(separator: "\n") + "\n"), path: nil)
    for other in others { StandardError.say("polltrace: \(other.terminal)") }
    if !others.isEmpty { throw ExitCode(2) }
  }
}

/// The command `polltrace revert`.
struct RevertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert",
    abstract: "Restore what the parameters were before the last apply or trial.",
    discussion: """
      Takes the open change back; where none is open, the last confirmed one, with the file that sets it at \
      each boot. What somebody else has set since is left alone and named.

      Exit codes: 0 restored; 1 nothing to restore, or it could not be restored; 2 restored, but for what was \
      left alone.
      """)

  @OptionGroup var root: RootArguments

  func run() throws {
    let ending = try StateFolder(root: root.root).revertLast()
    let record = ending.change
    let target = Target(record.target)
    let values = Setting(record.before).only(ending.restoration.restored).list(for: target)
    let words = values.isEmpty ? "nothing was to be restored" : "restored: \(values)"
    try Output.write(Terminal.spelt(words + "\n"), path: nil)
    for word in ending.restoration.words { StandardError.say("polltrace: \(word)") }
    if !ending.restoration.words.isEmpty { throw ExitCode(2) }
  }
}

/// The command `polltrace status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show which change of parameters is open, which holds, and how the last one ended.",
    discussion: "Changes nothing. As root.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Option(help: "How to show it.")
  var format = Format.text

  @OptionGroup var root: RootArguments

  func run() throws {
    let status = try ChangeStatus(root: root.root)
    let text =
      switch format {
      case .text: Terminal.spelt(status.text)
      case .json: try status.json()
      }
    try Output.write(text, path: nil)
  }
}

/// The guard of a change, which `apply` and `trial` start: no command for people.
struct GuardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guard", abstract: "Take the change ID back when its time is over.",
    shouldDisplay: false)

  @Argument var id: String
  @OptionGroup var root: RootArguments

  func run() throws {
    Program.detach()
    var guardian = try Guardian(id, root: root.root)
    try guardian.watch(Program.sayReady)
  }
}

/// Where the state is.
struct RootArguments: ParsableArguments {
  @Option(help: ArgumentHelp("A folder that stands for / in tests.", visibility: .hidden))
  var root: String = ""
}
