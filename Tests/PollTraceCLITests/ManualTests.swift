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
    var defaultValue: String?
    var allValues: [String]?
    var shouldDisplay: Bool
  }
  var commandName: String
  var shouldDisplay: Bool
  var arguments: [Argument]?
  var subcommands: [Command]?
}

private struct Dump: Decodable { var command: Command }

@Suite struct `The man pages` {
  /// Each command for people but help, with its page.
  private func pages() throws -> [(command: Command, page: String)] {
    let run = try Run(["--experimental-dump-help"])
    let root = try JSONDecoder().decode(Dump.self, from: Data(run.output.utf8)).command
    let commands = try #require(root.subcommands).filter {
      $0.commandName != "help" && $0.shouldDisplay
    }
    #expect(commands.count >= 6)
    return try commands.map { command in
      let path = Fixtures.project("docs/man/polltrace-\(command.commandName).1")
      return (command, try String(contentsOfFile: path, encoding: .utf8))
    }
  }

  @Test func `tell of every option what it takes and what it is by default`() throws {
    for (command, page) in try pages() {
      for argument in command.arguments ?? [] where argument.shouldDisplay {
        let name = argument.names?.first { $0.kind == "long" }?.name ?? ""
        let words = page.components(separatedBy: "-\(name) Ar ").last?
          .components(separatedBy: "\n.It").first
        for value in argument.allValues ?? [] {
          #expect(words?.contains(value) == true, "\(command.commandName) --\(name) \(value)")
        }
        guard let value = argument.defaultValue else { continue }
        #expect(
          words?.contains("default: \(value)") == true, "\(command.commandName) --\(name) \(value)")
      }
    }
  }

  @Test func `keep the signs that ASCII lacks in its spelling`() throws {
    let page = try #require(try pages().first { $0.command.commandName == "recommend" }?.page)
    #expect(page.contains("1 us of wake-up latency"))
    #expect(page.contains("halt_poll_ns=...,"))
  }

  @Test func `name every option of every command`() throws {
    for (command, page) in try pages() {
      for argument in command.arguments ?? [] where argument.shouldDisplay {
        for name in argument.names ?? [] where name.kind == "long" {
          #expect(page.contains("-\(name.name)"), "\(command.commandName) --\(name.name)")
        }
      }
    }
  }
}
