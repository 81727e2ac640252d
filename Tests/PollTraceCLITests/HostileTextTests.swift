import Fixtures
import Foundation
import Testing

/// A text of halts on a clock whose name steers a terminal.
private let text =
  "# tracer: nop\n# clockid: \u{1b}]0;PWN\u{7}\n"
  + FtraceLines.of(InventedHalts.events(20)).joined(separator: "\n") + "\n"

/// Whether `text` holds nothing but lines of characters that are shown.
private func isHarmless(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && !(0x7f...0x9f ~= $0.value)) }
}

@Suite struct `Hostile text, through the command,` {
  @Test(arguments: [
    ["report"], ["report", "--format", "csv"], ["report", "--format", "json"],
    ["report", "--format", "html"], ["replay"], ["recommend"], ["sweep"],
    ["export", "--to", "csv"], ["export", "--to", "summary"],
    ["export", "--to", "perfetto", "-o", "/dev/null"],
  ])
  func `steers no terminal, as a clock's name, a path or a reason`(command: [String]) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a\u{1b}[2J,\u{301}\u{9b}31m.txt").path
    try Data(text.utf8).write(to: URL(filePath: path))
    for paths in [[path], [path, path + "none"], [path + "none"]] {
      if command.contains("perfetto"), paths.count > 1 { continue }
      let run = try Run([command[0]] + paths + command.dropFirst())
      #expect(run.status <= 2)
      #expect(isHarmless(run.output), "\(run.output)")
      #expect(isHarmless(run.error), "\(run.error)")
      if command == ["report", "--format", "csv"], paths == [path] {
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("\"") })
      }
    }
  }

  @Test func `steers none from a grid, an option or an output`() throws {
    let trace = Fixtures.trace("bimodal.dat")
    let grid = try TemporaryFile(Data("\u{1b}[31m,2,3,4\n".utf8))
    for arguments in [
      ["sweep", trace, "--grid", grid.path], ["report", trace, "--from", "\u{1b}[31m"],
      ["report", trace, "--kernel", "\u{9b}31m"], ["report", trace, "--parameters", "\u{1b}=1"],
      ["replay", trace, "--halt-poll-ns", "\u{1b}c"], ["report", trace, "-o", "/no\u{1b}c/r"],
      ["export", trace, "--to", "csv", "-o", "/no\u{1b}c/r"],
      ["record", "--recover", "-o", "/no\u{1b}c/t"], ["record", "--duration", "\u{1b}c"],
    ] {
      let run = try Run(arguments)
      #expect([1, 64].contains(run.status), "\(arguments)")
      #expect(isHarmless(run.error), "\(run.error)")
    }
  }

  @Test func `is one word of the commands that record prints`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "my traces \(UUID())")
    let parts = folder.appending(path: "t.dat.parts")
    try FileManager.default.createDirectory(at: parts, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try Run(["record", "--recover", "-o", folder.appending(path: "t.dat").path])
    #expect(run.status == 1)
    #expect(run.error.contains("rm -r '\(parts.path)'"), "\(run.error)")
  }
}
