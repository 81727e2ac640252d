import Foundation
import Testing

@Suite(.serialized, .enabled(if: Host.canRecord, "needs root, tracefs and /dev/kvm"))
struct `The check command` {
  @Test func `shows a running VM's name without its control characters`() throws {
    let load = try Program("haltload", ["--name", "web\u{1b}[31m1", "--duration", "30s"])
    defer {
      load.signal(SIGTERM)
      _ = load.end()
    }
    var output = ""
    for _ in 0..<100 where !output.contains("process \(load.id) ") {
      output = try Program.run("polltrace", ["check"]).output
    }
    #expect(output.contains("process \(load.id) \"web\u{fffd}[31m1\""))
    #expect(!output.contains("\u{1b}"))
  }

  /// In a mount namespace of its own: the machine's tracefs stays as it is.
  @Test func `says of a tracefs that is mounted read-only how to mount it for writing`() throws {
    func run(_ command: String) throws -> String {
      let readOnly = "mount -o remount,bind,ro \(Host.tracing) || exit 99"
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/unshare")
      process.arguments = [
        "-m", "sh", "-c", "\(readOnly); exec \(Program.path("polltrace")) \(command)",
      ]
      let pipe = Pipe()
      (process.standardOutput, process.standardError) = (pipe, pipe)
      try process.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 1)
      return output
    }
    let remedy = "sudo mount -o remount,rw /sys/kernel/tracing"
    let check = try run("check")
    #expect(check.contains("/sys/kernel/tracing/instances: mounted read-only"))
    #expect(check.contains(remedy))
    let scratch = try Scratch()
    let record = try run("record --duration 1s -o \(scratch.path)/t.dat")
    #expect(record.contains("Read-only file system"))
    #expect(record.contains(remedy))
  }
}
