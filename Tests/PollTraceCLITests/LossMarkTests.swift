import Fixtures
import Foundation
import Testing

@Suite struct `Where events were lost, a report` {
  private static let lost = Fixtures.trace("lost.dat")

  @Test(arguments: ["C", "C.UTF-8"])
  func `marks each row, picture and total of text, and says what that means`(
    locale: String
  ) throws {
    let run = try Run(
      ["report", Self.lost, "--details"], environment: ["LC_ALL": locale, "COLUMNS": "100"])
    #expect(run.status == 2)
    let lines = run.output.split(separator: "\n")
    for row in ["vCPU 0", "vCPU 1", "all"] {
      #expect(lines.contains { $0.hasPrefix("  \(row) * ") }, "\(row)")
      #expect(!lines.contains { $0.hasPrefix("  \(row)  ") }, "\(row)")
    }
    for place in ["  vCPU 0 * window, share of time", "Poll-window decisions *"] {
      #expect(lines.contains { $0.hasPrefix(place) }, "\(place)")
    }
    #expect(lines.filter { $0.hasPrefix("Halt lengths (bl") }.allSatisfy { $0.hasSuffix(" *") })
    let text = lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
    #expect(
      text.contains(
        "* 2 gaps in which events may be lost: counts, halts/s, poll ok and wasted lack what was "
          + "lost and may be too low; all other figures leave the gaps out."))
    #expect(text.contains("what is marked * may be too low"))
  }

  @Test func `counts the gap of the one vCPU that is shown`() throws {
    let run = try Run(["report", Self.lost, "--details", "--vcpu", "1"])
    #expect(run.output.contains("  * 1 gap in which events may be lost: "))
  }

  @Test func `marks names, facts and pictures of the page`() throws {
    let run = try Run(["report", Self.lost, "--format", "html"])
    let page = run.output
    let mark = "<abbr title=\"* 1 gap in which events may be lost: counts"
    #expect(page.components(separatedBy: mark).count == 3)
    #expect(page.contains("<dt>Polling, share of a CPU per vCPU *</dt>"))
    #expect(page.components(separatedBy: "<p class=\"lead\">* 2 gaps in which").count == 3)
    let titles = page.components(separatedBy: "<h3>").dropFirst().compactMap {
      $0.components(separatedBy: "</h3>").first
    }
    for title in ["All 2 vCPUs *", "VM pid 16548, vCPU 0 *", "VM pid 16548 *"] {
      #expect(titles.contains(title), "\(titles)")
    }
  }

  @Test(arguments: ["text", "html"])
  func `is as ever where none were`(format: String) throws {
    let run = try Run(["report", Fixtures.trace("exponential.dat"), "--format", format])
    #expect(!run.output.contains("may be lost"))
    #expect(!run.output.contains("vCPU 0 *"))
    #expect(!run.output.contains("<abbr"))
  }
}
