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
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:],
    folder: String? = nil, meanwhile: (() throws -> Void)? = nil
  ) throws {
    let process = Process()
    process.executableURL = Self.binary
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

/// A file of the test's own, removed with it.
final class TemporaryFile {
  let path: String
  init(_ content: Data) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "polltrace-\(UUID()).dat").path
    try content.write(to: URL(filePath: path))
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
