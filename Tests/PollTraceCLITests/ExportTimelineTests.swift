import Fixtures
import Foundation
import Testing

@Suite struct `An exported timeline` {
  @Test func `is of one trace, in a file or a pipe`() throws {
    let trace = Fixtures.trace("request.dat")
    let file = try TemporaryFile(Data())
    let run = try Run(["export", trace, "--to", "perfetto", "-o", file.path])
    #expect(run.status == 0)
    // A packet: field 1, with a length.
    #expect(try Data(contentsOf: URL(filePath: file.path)).first == 0x0a)
    let two = try Run(["export", trace, trace, "--to", "perfetto"])
    #expect(two.status == 64)
    #expect(two.error.contains("takes one trace"))
  }

  @Test func `of a damaged trace holds what could be read, and says so`() throws {
    let bytes = try Data(contentsOf: URL(filePath: Fixtures.trace("request.dat")))
    let damaged = try TemporaryFile(bytes.prefix(bytes.count / 2))
    let file = try TemporaryFile(Data())
    let run = try Run(["export", damaged.path, "--to", "perfetto", "-o", file.path])
    #expect(run.status == 2)
    #expect(!run.error.isEmpty)
    #expect(try Data(contentsOf: URL(filePath: file.path)).count > 10_000)
  }

  private static let python = Fixtures.project(".build/export-test/bin/python")

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: python),
      "Perfetto's schema is not installed (make export-test installs it)"))
  func `is decoded with Perfetto's published schema`() throws {
    let process = Process()
    process.executableURL = URL(filePath: Self.python)
    process.arguments =
      [Fixtures.project("Tests/Export/perfetto_check.py"), Run.binary.path]
      + ["request.dat", "floating.dat", "no-sched.dat"].map(Fixtures.trace)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
