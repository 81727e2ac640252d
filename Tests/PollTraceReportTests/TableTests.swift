import Testing

@testable import PollTraceReport

@Suite struct `A wide table` {
  private var table: Table {
    var table = Table(["", "first", "second", "third"])
    table.add(["vCPU 0", "1", "22", "333"])
    return table
  }

  @Test func `stands in one piece where there is room`() {
    let whole = ["          first  second  third", "  vCPU 0      1      22    333"]
    #expect(table.lines() == whole)
    #expect(table.lines(width: 31) == whole)
  }

  @Test(arguments: 10...29)
  func `goes on below where there is none`(width: Int) {
    let lines = table.lines(width: width)
    #expect(lines.count > 2)
    #expect(lines.count { $0.contains("vCPU 0") } == lines.count / 2)
    let cells = lines.flatMap { $0.split(separator: " ") }
    for cell in ["first", "second", "third", "1", "22", "333"] {
      #expect(cells.count { $0 == cell } == 1)
    }
    // One column is shown however narrow it is.
    if width >= 16 { #expect(lines.allSatisfy { $0.count <= width }) }
  }
}

@Suite struct `A table with names of any script` {
  @Test(arguments: [
    ("web", 3), ("ホスト", 6), ("web\u{fffd}", 4), ("e\u{301}", 1), ("µs –", 4), ("🖥️ a", 4), ("", 0),
    ("ｗ", 2), ("한", 2),
  ])
  func `counts the columns that a terminal takes`(text: String, columns: Int) {
    #expect(text.columns == columns)
  }

  @Test func `is aligned`() {
    let table = Table(["", "halts"], [["ホスト", "1"], ["web1", "22"]])
    #expect(table.lines() == ["          halts", "  ホスト      1", "  web1       22"])
  }
}
