import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// What `trace-cmd report -R -t` prints of one event, and what polltrace reads, as the same line.
enum Peer {
  static let path = "/usr/bin/trace-cmd"
  static let comment: Comment = "needs trace-cmd (apt-get install trace-cmd)"
  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// What trace-cmd prints for the file; its complaints apart.
  static func report(_ file: String) throws -> (lines: [Substring], complaints: String) {
    let (text, complaints) = try run(["report", "-R", "-t", file])
    return (
      text.split(separator: "\n").filter { $0.contains("]") && $0.contains(": ") }, complaints
    )
  }

  /// All that it prints.
  static func text(_ file: String) throws -> String { try run(["report", "-R", "-t", file]).text }

  /// Lets trace-cmd write version 7.
  static func convert(_ file: String, to other: String, compression: String) throws {
    _ = try run(["convert", "-i", file, "-o", other, "--compression", compression])
  }

  private static func run(_ arguments: [String]) throws -> (text: String, complaints: String) {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (text, String(decoding: complaints, as: UTF8.self))
  }

  /// Time, CPU, thread, event and fields of a line of a kvm event; nil of others.
  static func line(_ text: Substring) -> String? {
    guard
      let name = ["kvm_vcpu_wakeup", "kvm_halt_poll_ns"].first(where: { text.contains(" \($0):") }),
      let close = text.firstIndex(of: "]"), let open = text[..<close].lastIndex(of: "["),
      let dash = text[..<open].lastIndex(of: "-")
    else { return nil }
    let thread = text[text.index(after: dash)..<open].filter { $0 != " " }
    let cpu = Int(text[text.index(after: open)..<close]) ?? -1
    var rest = text[text.index(after: close)...].split(
      separator: " ", omittingEmptySubsequences: true)
    // trace-cmd 3.3 prints the record's flags behind the CPU.
    if rest[0].hasPrefix("-0x") { rest.removeFirst() }
    return "\(rest[0].dropLast()) \(cpu) \(thread) \(name) "
      + rest.dropFirst(2).joined(separator: " ")
  }

  /// The same of an event that polltrace read.
  static func line(_ event: Event, hasValid: Bool = true) -> String? {
    let nanoseconds = String(event.time.rawValue % 1_000_000_000)
    let time =
      "\(event.time.rawValue / 1_000_000_000)."
      + String(repeating: "0", count: 9 - nanoseconds.count) + nanoseconds
    let head = "\(time) \(event.cpu.rawValue) \(event.thread.rawValue)"
    switch event.kind {
    case .wakeup(let block, let ending, let isValid):
      return "\(head) kvm_vcpu_wakeup ns=\(block.rawValue) waited=\(ending == .slept ? 1 : 0)"
        + (hasValid ? " valid=\(isValid ? 1 : 0)" : "")
    case .decision(let decision):
      return "\(head) kvm_halt_poll_ns grow=\(decision.move == .grow ? 1 : 0) "
        + "vcpu_id=\(decision.vcpu) new=\(decision.new) old=\(decision.old)"
    default: return nil
    }
  }
}
