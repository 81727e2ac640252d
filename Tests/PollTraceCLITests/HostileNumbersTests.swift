import Fixtures
import Foundation
import Testing

/// Lines of a tracer's text, two for each halt: a decision, then the wake-up.
private func lines(_ halts: [(time: String, wakeup: String)], between: String = "") -> Data {
  Data(
    ("# tracer: nop\n"
      + halts.map { time, wakeup in
        "  CPU 0/KVM-1234  [000] ..... \(time): kvm_halt_poll_ns: vcpu 0: "
          + "halt_poll_ns 100000 (shrink 200000)\n"
          + "  CPU 0/KVM-1234  [000] ..... \(time): kvm_vcpu_wakeup: \(wakeup) ns, polling valid\n"
          + between
      }.joined()).utf8)
}

private func times(_ count: Int) -> [String] { (0..<count).map { "\(100 + $0).000000" } }

@Suite struct `Numbers at the ends of their types, through the command,` {
  /// What once ended `report`, `replay`, `recommend` or `sweep` with a trap.
  static let recipes: [(name: String, file: Data)] = [
    (
      "lost events",
      lines(
        times(20).map { ($0, "wait time 300000") },
        between: "CPU:0 [LOST 999999999999999999 EVENTS]\n")
    ),
    (
      "most lost events",
      lines(
        times(20).map { ($0, "wait time 300000") },
        between: "CPU:0 [LOST 18446744073709551615 EVENTS]\n")
    ),
    ("a median", lines(times(150).map { ($0, "poll time 9223372036854775807") })),
    ("the longest halts", lines(times(150).map { ($0, "wait time 9223372036854775807") })),
    (
      "a sum of polls",
      lines(
        times(20).enumerated().map {
          ($1, "poll time \($0 < 2 ? "4900000000000000000" : "30000")")
        })
    ),
    (
      "far times",
      lines(
        (["0.000001"] + times(20) + ["9999999999.999999"]).map { ($0, "wait time 300000") })
    ),
  ]

  @Test(
    arguments: recipes.indices,
    [
      ["report"], ["report", "--format", "json"], ["report", "--format", "csv"],
      ["report", "--format", "html"], ["replay"], ["replay", "--format", "json"], ["recommend"],
      ["recommend", "--objective", "latency", "--max-poll-cpu", "5", "--format", "json"],
      ["sweep"], ["sweep", "--format", "csv"], ["export", "--to", "csv"],
      ["export", "--to", "summary"],
    ])
  func `end with an exit code, alone and added up`(recipe: Int, command: [String]) throws {
    let file = try TemporaryFile(Self.recipes[recipe].file)
    for paths in [[file.path], [file.path, file.path]] {
      let run = try Run([command[0]] + paths + command.dropFirst())
      #expect((0...2).contains(run.status), "\(Self.recipes[recipe].name): \(run.error)")
    }
  }

  @Test func `are sums that stop at the greatest number`() throws {
    let file = try TemporaryFile(Self.recipes[1].file)
    let run = try Run(["report", file.path, "--no-recommendation", "--format", "json"])
    #expect(run.output.contains("\"lost_events\" : 18446744073709551615,"))
    let longest = try TemporaryFile(Self.recipes[3].file)
    let report = try Run(["report", longest.path, "--no-recommendation", "--format", "json"])
    #expect(report.output.contains("\"sum\" : 18446744073709551615\n"))
  }
}
