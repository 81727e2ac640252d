import Fixtures
import Foundation

/// What a run of the built `polltrace` left behind.
struct Run {
  var status: Int32
  /// Standard output as it came.
  var bytes: Data
  var output: String
  var error: String

  /// The built `polltrace`, which lies beside the tests.
  static var binary: URL {
    let folder =
      Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
      .deletingLastPathComponent()
      ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return folder.appending(path: "polltrace")
  }

  init(
    _ arguments: [String], of program: URL = Self.binary, input: Data? = nil,
    environment: [String: String] = [:],
    folder: String? = nil, meanwhile: (() throws -> Void)? = nil
  ) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    let (output, error, source) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    process.standardInput = source
    try process.run()
    try meanwhile?()
    if let input { try source.fileHandleForWriting.write(contentsOf: input) }
    try source.fileHandleForWriting.close()
    bytes = output.fileHandleForReading.readDataToEndOfFile()
    self.output = String(decoding: bytes, as: UTF8.self)
    self.error = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }
}

extension Run {
  /// Whether the system has the program `name`.
  static func has(_ name: String) -> Bool {
    (try? Run(["-c", "command -v \(name)"], of: URL(filePath: "/bin/sh")))?.status == 0
  }

  /// Runs `script` in `folder`, with `polltrace` and the trace `bimodal.dat` as `$POLLTRACE` and `$TRACE`.
  init(shell script: String, in folder: String) throws {
    try self.init(
      ["-c", script], of: URL(filePath: "/bin/sh"),
      environment: ["POLLTRACE": Self.binary.path, "TRACE": Fixtures.trace("bimodal.dat")],
      folder: folder)
  }
}

/// A directory of the test's own, removed with it.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID())").path
  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
  func text(_ name: String) -> String {
    (try? String(contentsOfFile: self(name), encoding: .utf8)) ?? ""
  }
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

/// A file of the test's own, removed with it.
final class TemporaryFile {
  let path: String
  init(_ content: Data) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID()).dat").path
    try content.write(to: URL(filePath: path))
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
