import ArgumentParser

/// The root command.
@main
struct Polltrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "polltrace",
    abstract: "See how KVM's halt polling fits the guests of a host, and which values fit better.",
    discussion: """
      First polltrace record on the host, then polltrace report on what it recorded.
      """,
    version: Version.shown,
    subcommands: [
      RecordCommand.self, ReportCommand.self, ReplayCommand.self, SweepCommand.self,
      RecommendCommand.self, ExportCommand.self, CheckCommand.self, TopCommand.self,
      MetricsCommand.self,
      ApplyCommand.self, ConfirmCommand.self, RevertCommand.self, StatusCommand.self,
      GuardCommand.self,
    ])

  static func main() { main(Arguments.carried) }
}
