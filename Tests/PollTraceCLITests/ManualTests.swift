import Fixtures
import Foundation
import Testing

/// What `polltrace --experimental-dump-help` says of a command.
private struct Command: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }
    var names: [Name]?
    var shouldDisplay: Bool
  }
  var commandName: String
  var arguments: [Argument]?
  var subcommands: [Command]?
}

private struct Dump: Decodable { var command: Command }

@Suite struct `The man pages` {
  @Test func `name every option of every command`() throws {
    let run = try Run(["--experimental-dump-help"])
    let root = try JSONDecoder().decode(Dump.self, from: Data(run.output.utf8)).command
    let commands = try #require(root.subcommands).filter { $0.commandName != "help" }
    #expect(commands.count >= 6)
    for command in commands {
      let page = try String(
        contentsOfFile: Fixtures.project("docs/man/polltrace-\(command.commandName).1"),
        encoding: .utf8)
      for argument in command.arguments ?? [] where argument.shouldDisplay {
        for name in argument.names ?? [] where name.kind == "long" {
          #expect(page.contains("-\(name.name)"), "\(command.commandName) --\(name.name)")
        }
      }
    }
  }
}
