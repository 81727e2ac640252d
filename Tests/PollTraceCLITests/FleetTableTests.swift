import Fixtures
import Foundation
import Testing

/// A CSV with names in its first line, of fields without quotes.
private struct CSVTable {
  var rows: [[String: String]]

  init(_ text: String) throws {
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let names = try #require(lines.first)
    rows = try lines.dropFirst().map { fields in
      try #require(fields.count == names.count)
      return Dictionary(uniqueKeysWithValues: zip(names, fields))
    }
  }

  func sum(_ column: String, _ row: String = "interval") -> Int {
    rows.filter { $0["row"] == row }.reduce(0) { $0 + (Int($1[column] ?? "") ?? 0) }
  }
}

/// The trace of SmallTraces with facts that tell of UTC, CPU and VM, at a path of its own.
private func trace(_ folder: TemporaryFolder, utc: String = " utc=1735689599000000000") throws
  -> String
{
  var builder = TraceBuilder(InventedHalts.events(8, vcpus: 1))
  builder.add(
    option: 9,
    """
    polltrace.facts/1
    host name=h boot=b kernel=6.18.0 arch=x86_64 cpu=Some%20CPU
    recording clock=mono began=5000000000 ended=8000000000\(utc) sched=1
    parameters since=1 halt_poll_ns=200000 grow=2 grow_start=10000 shrink=2
    vcpu tid=1000 pid=900 vm=web id=0 uuid=u-1

    """)
  try Data(builder.file).write(to: URL(filePath: folder("t.dat")))
  return folder("t.dat")
}

@Suite struct `Rows for a fleet's tables` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: ["exponential.dat", "lost.dat", "two-vms.dat.zst", "linux-6.1.dat", "off.dat"])
  func `add up to the report, whatever the intervals`(fixture: String) throws {
    let path = Fixtures.trace(fixture)
    let report = try CSVTable(try Run(["report", path, "--format", "csv"]).output)
    for interval in [[], ["--interval", "100ms"], ["--interval", "7ms"]] {
      let table = try CSVTable(
        try Run(["export", path, "--to", "summary"] + interval).output)
      let same = [
        "halts", "polled", "waited", "grows", "shrinks", "halt_attempted_poll",
        "halt_successful_poll", "halts_left_out",
      ]
      for name in same + (interval.isEmpty ? ["halt_poll_fail_ns", "halt_wait_ns"] : []) {
        let expected = report.rows.reduce(0) { $0 + (Int($1[name] ?? "") ?? 0) }
        #expect(table.sum(name) == expected, "\(name) by \(interval)")
      }
      let times = [("vcpu_time_ns", "duration_ns"), ("block_sum_ns", "block_ns_sum")]
      for (name, other) in times {
        #expect(table.sum(name) == report.rows.reduce(0) { $0 + (Int($1[other] ?? "") ?? 0) })
      }
      #expect(table.sum("count", "block") == table.sum("halts"))
      #expect(table.sum("count", "wake_latency") == table.sum("wake_latency_count"))
      #expect(table.rows.allSatisfy { $0["file_rows"] == "\(table.rows.count)" })
    }
  }

  @Test func `say host, VM and time, and begin at whole seconds of UTC`() throws {
    let path = try trace(folder)
    let run = try Run(
      [
        "export", path, "--to", "summary", "--interval", "2s", "--label", "tier=a", "--label",
        "class=web",
      ])
    #expect(run.status == 0)
    let rows = try CSVTable(run.output).rows.filter { $0["row"] == "interval" }
    #expect(
      rows.map { $0["begin_utc"] } == [
        "2024-12-31T23:59:59.000000Z", "2025-01-01T00:00:00.000000Z",
      ])
    #expect(rows.map { $0["recorded_ns"] } == ["1000000000", "2000000000"])
    let first = try #require(rows.first)
    let expected = [
      "host": "h", "boot": "b", "cpu_model": "Some CPU", "labels": "class=web;tier=a",
      "vm_uuid": "u-1", "vm_pid": "900", "vm_name": "web", "vcpu": "0", "schema": "1",
    ]
    for (name, value) in expected { #expect(first[name] == value) }
  }

  @Test func `leave the time empty where the recorder did not say it`() throws {
    let table = try CSVTable(
      try Run(["export", try trace(folder, utc: ""), "--to", "summary"]).output)
    #expect(table.rows.allSatisfy { $0["begin_utc"] == "" && $0["end_utc"] == "" })
  }

  @Test func `of a sweep mark what each VM has now, in the grid or not`() throws {
    let grid = folder("grid")
    try "0,2,10000,2\n50000,2,10000,0\n".write(toFile: grid, atomically: true, encoding: .utf8)
    let run = try Run(
      [
        "sweep", Fixtures.trace("exponential.dat"), "--grid", grid, "--format", "csv", "--label",
        "class=web",
      ])
    let rows = try CSVTable(run.output).rows
    #expect(rows.map { $0["in_grid"] } == ["true", "true", "false"])
    #expect(rows.map { $0["is_current"] } == ["false", "false", "true"])
    #expect(rows.allSatisfy { $0["file_rows"] == "3" && $0["labels"] == "class=web" })
    #expect(rows.last?["halt_poll_ns"] == "200000")
  }

  @Test(arguments: ["export --to summary", "export --to csv", "sweep --format csv"])
  func `are compressed where the file's name says so, the same each time`(command: String) throws {
    let run = try Run(
      shell: """
        $POLLTRACE \(command) "$TRACE" > plain
        $POLLTRACE \(command) "$TRACE" -o a.csv.gz && $POLLTRACE \(command) "$TRACE" -o b.csv.gz
        gzip -t a.csv.gz && gzip -dc a.csv.gz | cmp - plain && cmp a.csv.gz b.csv.gz
        """, in: folder.path)
    #expect(run.error == "")
    #expect(run.status == 0)
  }

  @Test(
    arguments: [
      "class", "=web", "class=", "Class=web", "class=we;b", "class=we,b", "class=a=b",
      "class=\u{1b}[31m", "1c=web",
    ])
  func `take no label that would not be one text`(label: String) throws {
    let run = try Run(
      ["export", Fixtures.trace("off.dat"), "--to", "summary", "--label", label])
    #expect(run.status == 64)
    #expect(!run.error.contains("\u{1b}"))
  }

  @Test func `need a clock that counts time, and few intervals`() throws {
    let many = try Run(
      ["export", Fixtures.trace("exponential.dat"), "--to", "summary", "--interval", "1ns"])
    #expect(many.status == 1)
    #expect(many.error.contains("too many intervals"))
  }
}
