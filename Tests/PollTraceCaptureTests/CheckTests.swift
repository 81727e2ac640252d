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
}
