import Foundation
import PollTraceCapture

/// A program that a test runs, and what came of it.
struct Program {
  /// What a program left behind.
  struct Result {
    var status: Int32
    var output: String
    var error: String
  }

  private let process = Process()
  private let output: URL
  private let error: URL

  /// Where the package's programs are built: beside the tests.
  static let built =
    Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    .deletingLastPathComponent()
    ?? URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent()

  static func path(_ name: String) -> String { built.appendingPathComponent(name).path }

  /// Starts the program `name` of this package, or of the system.
  init(_ name: String, _ arguments: [String]) throws {
    let own = Self.path(name)
    let isOwn = FileManager.default.isExecutableFile(atPath: own)
    let directory = FileManager.default.temporaryDirectory
    output = directory.appendingPathComponent("polltrace-\(UUID().uuidString).out")
    error = directory.appendingPathComponent("polltrace-\(UUID().uuidString).err")
    for file in [output, error] { try Data().write(to: file) }
    process.executableURL = URL(fileURLWithPath: isOwn ? own : "/usr/bin/env")
    process.arguments = (isOwn ? [] : [name]) + arguments
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: error)
    // The test runs on a thread that blocks signals, and a child would inherit that.
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
  }

  var id: Int32 { process.processIdentifier }

  func signal(_ number: Int32) { kill(id, number) }

  /// What it has said so far on standard error.
  var talk: String { (try? String(contentsOf: error, encoding: .utf8)) ?? "" }

  /// Waits for its end.
  func end() -> Result {
    process.waitUntilExit()
    defer { for file in [output, error] { try? FileManager.default.removeItem(at: file) } }
    return Result(
      status: process.terminationStatus,
      output: (try? String(contentsOf: output, encoding: .utf8)) ?? "", error: talk)
  }

  /// Runs a program to its end.
  static func run(_ name: String, _ arguments: [String]) throws -> Result {
    try Program(name, arguments).end()
  }

  /// Waits until recording is on.
  func waitUntilRecording() throws {
    for _ in 0..<200 {
      if talk.contains("recording kvm:") { return }
      guard process.isRunning else { break }
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw Failure(description: "polltrace did not begin to record: \(talk)")
  }

  /// What did not come about.
  struct Failure: Error, CustomStringConvertible { var description: String }
}

/// What this machine can do for tests.
enum Host {
  static let tracing = "/sys/kernel/tracing"

  /// Whether real recordings of a real VM can be made here.
  static var canRecord: Bool { canRecord(with: ["haltload", "polltrace"]) }

  /// The same with these programs of the package.
  static func canRecord(with programs: [String]) -> Bool {
    let files = FileManager.default
    return getuid() == 0 && Preflight().canRecord && files.isWritableFile(atPath: "/dev/kvm")
      && programs.allSatisfy { files.isExecutableFile(atPath: Program.path($0)) }
  }

  /// Whether this kernel has the event in `folder` of tracefs.
  static func has(event folder: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(tracing)/events/\(folder)/format")
  }

  static var hasTraceCmd: Bool { (try? Program.run("trace-cmd", ["--version"])) != nil }

  /// Instances of living and dead recorders.
  static var instances: Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: "\(tracing)/instances")) ?? [])
  }
}

/// A directory of a test's own, removed when it goes away.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/polltrace-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
