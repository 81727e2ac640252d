import Fixtures
import Foundation
import Testing

@Suite struct `What a command writes` {
  @Test(arguments: ["report", "recommend", "replay", "sweep"])
  func `never takes the place of the trace that it reads`(command: String) throws {
    let trace = try Data(contentsOf: URL(filePath: Fixtures.trace("bimodal.dat")))
    let file = try TemporaryFile(trace)
    let run = try Run([command, file.path, "-o", file.path])
    #expect(run.status == 1)
    #expect(run.error.contains("is the trace \(file.path) itself"))
    #expect(try Data(contentsOf: URL(filePath: file.path)) == trace)
  }

  @Test(
    .enabled(if: FileManager.default.isWritableFile(atPath: "/dev/full"), "needs /dev/full"),
    arguments: ["text", "json", "csv"])
  func `says so where standard output takes no more`(format: String) throws {
    let trace = Fixtures.trace("bimodal.dat")
    let binary = Run.binary.path
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "'\(binary)' report '\(trace)' --format \(format) > /dev/full"]
    let error = Pipe()
    process.standardError = error
    try process.run()
    let words = String(
      decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(words.contains("standard output: not written to its end: No space left on device"))
  }
}
