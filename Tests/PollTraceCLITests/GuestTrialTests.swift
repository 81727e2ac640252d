import Foundation
import Testing

/// A folder that stands for / to the tool, with haltpoll's parameters: this machine's own are not written.
private struct GuestRoot {
  let folder: TemporaryFolder
  private static let values = [
    "ns": "0", "grow": "2", "grow_start": "50000", "shrink": "2", "allow_shrink": "Y",
  ]

  init() throws {
    folder = try TemporaryFolder()
    try write("6.12.9-amd64", to: "proc/sys/kernel/osrelease")
    try FileManager.default.createDirectory(
      atPath: folder("etc"), withIntermediateDirectories: true)
    for (name, value) in Self.values { try write(value, to: "\(Self.parameters)_\(name)") }
  }

  private static let parameters = "sys/module/haltpoll/parameters/guest_halt_poll"

  private func write(_ text: String, to path: String) throws {
    let file = URL(filePath: folder(path))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("\(text)\n".utf8).write(to: file)
  }

  /// Whether all values are what they were.
  var isRestored: Bool {
    Self.values.allSatisfy { folder.text("\(Self.parameters)_\($0)") == "\($1)\n" }
  }
}

/// Whether this machine is a guest that can record itself.
private var recordsItself: Bool {
  let governor = "/sys/devices/system/cpu/cpuidle/current_governor_ro"
  let event = "/sys/kernel/tracing/events/power/guest_halt_poll_ns"
  return getuid() == 0 && FileManager.default.fileExists(atPath: event)
    && (try? String(contentsOfFile: governor, encoding: .utf8)) == "haltpoll\n"
}

@Suite(.enabled(if: recordsItself, "needs root, tracefs and a guest with haltpoll"))
struct `A guest's trial` {
  private func json(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func `is recorded, block by block, beside what the kernel counts`() throws {
    let root = try GuestRoot()
    let trace = root.folder("trial.dat")
    let run = try Run(
      [
        "--preserve-status", "-s", "INT", "8", Run.binary.path, "trial", "--target", "guest",
        "--root",
        root.folder.path, "--setting", "guest_halt_poll_ns=100us", "--for", "64s", "--block", "1s",
        "--format", "json", "-o", trace,
      ], of: URL(filePath: "/usr/bin/timeout"))
    #expect(run.status == 1, "\(run.error)")
    let found = try json(run.output)
    #expect(found["restored"] as? Bool == true && root.isRestored)
    let blocks = try #require(found["blocks"] as? [[String: Any]])
    #expect(blocks.count > 1)
    for block in blocks {
      #expect(block["kernel_counters"] is [String: Any])
      #expect(block["wake_latencies"] is Int)
    }
    let report = try json(Run(["report", trace, "--format", "json"]).output)
    #expect(report["side"] as? String == "guest")
    let advice = try Run(["recommend", trace, "--format", "json"])
    guard (report["total"] as? [String: Any])?["idles"] as? Int ?? 0 > 0 else {
      // Other tasks had the CPUs all the time.
      return #expect(advice.error.contains("No idle time of this guest's CPUs"))
    }
    let evidence = try #require(json(advice.output)["evidence"] as? [String: Any])
    #expect(evidence["trial_blocks"] as? Int == blocks.count)
  }
}
