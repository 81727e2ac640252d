import Fixtures
import Foundation
import Testing

/// An exported table, its fields by the names of their columns.
private struct Table {
  var columns: [String]
  var rows: [[String]]

  /// Reads RFC 4180, in which none of these names holds a line's end.
  init(_ text: String) {
    let lines = text.split(separator: "\n").map { Self.fields(String($0)) }
    columns = lines.first ?? []
    rows = Array(lines.dropFirst())
  }

  func column(_ name: String) throws -> [String] {
    let place = try #require(columns.firstIndex(of: name))
    return rows.map { $0[place] }
  }
  func count(_ name: String, _ value: String) throws -> Int {
    try column(name).count { $0 == value }
  }
  func sum(_ name: String) throws -> Int { try column(name).reduce(0) { $0 + (Int($1) ?? 0) } }

  private static func fields(_ line: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    for part in line.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
      if part.offset > 0, isQuoted, part.element.isEmpty, part.offset % 2 == 0 {
        fields[fields.count - 1] += "\""
      }
      isQuoted = part.offset % 2 == 1
      if isQuoted {
        fields[fields.count - 1] += part.element
      } else {
        let pieces = part.element.split(separator: ",", omittingEmptySubsequences: false)
        fields[fields.count - 1] += pieces.first ?? ""
        fields += pieces.dropFirst().map(String.init)
      }
    }
    return fields
  }
}

private func table(_ arguments: [String]) throws -> (table: Table, run: Run) {
  let run = try Run(["export", "--to", "csv"] + arguments)
  return (Table(run.output), run)
}

private let fixtures = [
  "exponential.dat", "lost.dat", "request.dat", "no-sched.dat", "off.dat", "small-ceiling.dat",
  "floating.dat", "guest.dat", "linux-5.10.dat", "linux-7.2.dat", "perf-pipe.data.zst",
  "ftrace-text.txt.gz",
]

@Suite struct `An exported table` {
  @Test(arguments: fixtures)
  func `has a row a halt, and the report's sums`(fixture: String) throws {
    let trace = Fixtures.trace(fixture)
    let (table, run) = try table([trace])
    let report = try Run(["report", trace, "--format", "json", "--no-recommendation"])
    #expect(run.status == report.status)
    let json = try JSONSerialization.jsonObject(with: Data(report.output.utf8))
    let total = try #require((json as? [String: Any])?["total"] as? [String: Any])
    let counters = try #require(total["kernel_counters"] as? [String: Any])
    let block = try #require(total["block_ns"] as? [String: Any])
    let latency = try #require(total["wake_latency_ns"] as? [String: Any])
    let wakers = try #require(total["wakers"] as? [String: Any])
    #expect(table.rows.count == total["halts"] as? Int)
    #expect(table.rows.allSatisfy { $0.count == table.columns.count })
    #expect(try table.count("ending", "polled") == total["polled"] as? Int)
    #expect(try table.count("ending", "waited") == total["waited"] as? Int)
    #expect(try table.count("valid", "false") == total["invalid"] as? Int)
    #expect(try table.count("decision", "grow") == total["grows"] as? Int)
    #expect(try table.count("decision", "shrink") == total["shrinks"] as? Int)
    #expect(try table.sum("block_ns") == block["sum"] as? Int)
    #expect(try table.sum("wake_latency_ns") == latency["sum"] as? Int)
    #expect(try table.count("waker", "interrupt") == wakers["interrupt"] as? Int)
    #expect(try table.count("waker", "task_elsewhere") == wakers["task_elsewhere"] as? Int)
    // The windows of single halts are those that the report's counters were made with.
    let attempted = try ["success", "failed", "abandoned"].reduce(0) {
      $0 + (try table.count("poll", $1))
    }
    #expect(attempted == counters["halt_attempted_poll"] as? Int)
    #expect(try table.count("window_before_ns", "") == counters["halts_left_out"] as? Int)
    let polls = zip(try table.column("poll"), try table.column("poll_ns"))
    let success = polls.reduce(0) { $0 + ($1.0 == "success" ? Int($1.1) ?? 0 : 0) }
    #expect(success == counters["halt_poll_success_ns"] as? Int)
    let times = try table.column("woke_ns").compactMap { UInt64($0) }
    #expect(times == times.sorted())
  }

  @Test func `holds only what was asked for`() throws {
    let trace = Fixtures.trace("exponential.dat")
    let (all, _) = try table([trace])
    let (one, _) = try table([trace, "--vcpu", "1"])
    let (none, _) = try table([trace, "--vm", "nobody"])
    let (early, _) = try table([trace, "--until", "200ms"])
    let (late, _) = try table([trace, "--from", "200ms"])
    #expect(Set(try one.column("vcpu")) == ["1"])
    #expect(one.rows.count == (try all.count("vcpu", "1")))
    #expect(none.rows.isEmpty)
    #expect(none.columns == all.columns)
    #expect(early.rows + late.rows == all.rows)
  }

  @Test func `takes several traces, one after the other`() throws {
    let traces = [Fixtures.trace("request.dat"), Fixtures.trace("perf-pipe.data.zst")]
    let (both, _) = try table(traces)
    let each = try traces.flatMap { try table([$0]).table.rows }
    #expect(both.rows == each)
    #expect(Set(try both.column("trace")) == Set(traces))
  }

  @Test func `of a damaged trace holds what could be read, and says so`() throws {
    var bytes = try Data(contentsOf: URL(filePath: Fixtures.trace("exponential.dat")))
    let page = bytes.count - 3 * 4_096 / 2
    bytes.replaceSubrange(page..<page + 1_000, with: Data(repeating: 0xff, count: 1_000))
    let damaged = try TemporaryFile(bytes)
    let (table, run) = try table([damaged.path])
    #expect(run.status == 2)
    #expect(run.error.contains("damaged"))
    #expect(table.rows.count > 1_000)
  }

  @Test func `goes to the file that is named, and never over a trace`() throws {
    let bytes = try Data(contentsOf: URL(filePath: Fixtures.trace("request.dat")))
    let trace = try TemporaryFile(bytes)
    let file = try TemporaryFile(Data())
    let run = try Run(["export", trace.path, "--to", "csv", "-o", file.path])
    #expect(run.status == 0)
    #expect(run.output.isEmpty)
    let written = try String(contentsOfFile: file.path, encoding: .utf8)
    #expect(written == (try table([trace.path]).run.output))
    let over = try Run(["export", trace.path, "--to", "csv", "-o", trace.path])
    #expect(over.status == 1)
    #expect(over.error.contains("is the trace"))
    #expect(try Data(contentsOf: URL(filePath: trace.path)) == bytes)
  }

  @Test func `is refused where nothing can be read, and nothing is written`() throws {
    let file = try TemporaryFile(Data("before".utf8))
    let run = try Run(["export", "/nowhere/trace.dat", "--to", "csv", "-o", file.path])
    #expect(run.status == 1)
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "before")
    #expect(try Run(["export", Fixtures.trace("request.dat"), "--to", "xml"]).status == 64)
  }

  private static let python = Fixtures.project(".build/export-test/bin/python")

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: python),
      "DuckDB is not installed (make export-test installs it)"))
  func `is loaded by DuckDB with the report's sums`() throws {
    let process = Process()
    process.executableURL = URL(filePath: Self.python)
    process.arguments =
      [Fixtures.project("Tests/Export/duckdb_check.py"), Run.binary.path]
      + fixtures.map(Fixtures.trace)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
