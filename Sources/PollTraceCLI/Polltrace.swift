import ArgumentParser

/// The root command.
@main
struct Polltrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "polltrace",
    abstract: "See how KVM's halt polling fits the guests of a host, and which values fit better.",
    discussion: """
      To begin, on a host with KVM:
        1. sudo polltrace check
        2. sudo polltrace record --duration 30
        3. polltrace recommend trace.dat
      """,
    version: Version.shown,
    subcommands: [
      CheckCommand.self, RecordCommand.self, RecommendCommand.self, ReportCommand.self,
      ReplayCommand.self, SweepCommand.self, ExportCommand.self, TopCommand.self,
      MetricsCommand.self,
      TrialCommand.self, ApplyCommand.self, ConfirmCommand.self, RevertCommand.self,
      StatusCommand.self,
      GuardCommand.self,
    ])

  static func main() {
    let arguments = Arguments.carried
    var command: any ParsableCommand
    do {
      command = try parseAsRoot(arguments)
    } catch {
      if exitCode(for: error) == .validationFailure,
        let hint = UsageHint.sentence(arguments, message(for: error))
      {
        refuse(hint)
      }
      exit(withError: error)
    }
    do {
      try command.run()
    } catch let error as ValidationError {
      let name = Swift.type(of: command).configuration.commandName ?? ""
      refuse("\(error.message)\n  See 'polltrace \(name) --help'.")
    } catch {
      exit(withError: error)
    }
  }

  /// Ends with the exit code of wrong usage.
  private static func refuse(_ message: String) -> Never {
    StandardError.say("Error: \(message)")
    exit(withError: ExitCode.validationFailure)
  }
}
