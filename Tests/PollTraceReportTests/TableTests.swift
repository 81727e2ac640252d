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
