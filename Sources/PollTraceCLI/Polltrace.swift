import ArgumentParser

/// The root command.
@main
struct Polltrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "polltrace",
    abstract: "See how KVM's halt polling fits the guests of a host, and which values fit better.")
}
