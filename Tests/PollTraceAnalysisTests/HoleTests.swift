import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// The lines of 60 halts of one vCPU.
private let lines: [String] = {
  var random = Randomness(seed: 3)
  var script = TraceScript()
  for _ in 0..<60 {
    script.halt(1_000, block: UInt64.random(in: 5_000...250_000, using: &random))
  }
  return FtraceLines.of(script.sorted)
}()

/// Where a line tells of a decision that grows the window from `old` ns.
private func places(ofGrowsFrom old: Int) -> [Int] {
  lines.indices.filter { lines[$0].hasSuffix("(grow \(old))") }
}

@Suite struct `A text with a hole` {
  /// The lines without a grow from 20,000 ns, its halt and three more, and `mark` instead.
  private func report(_ mark: [String]) throws -> TraceReport {
    let begin = try #require(places(ofGrowsFrom: 20_000).first)
    let wakeups = lines.indices.filter { $0 >= begin && lines[$0].contains("kvm_vcpu_wakeup") }
    let end = wakeups[3] + 1
    return try PollTraceAnalysisTests.report(
      of: FtraceLines.file(lines[..<begin] + mark + lines[end...]))
  }

  @Test(arguments: [
    [], ["[...]"], ["..."], ["…"], ["[snip]"], ["[ 120 lines omitted ]"], ["--"], ["---8<---"],
    ["", "It then goes on like this:", ""], ["```", "", "```"],
  ])
  func `shows it where its windows do not join, however it is marked`(mark: [String]) throws {
    let report = try report(mark)
    let figures = report.total
    #expect(figures.measures.halts == 56)
    #expect(figures.gapsShown == 1)
    #expect(figures.fidelity.contradicted == 0)
    #expect(figures.fidelity.refused == 0)
    #expect(figures.fidelity.reproduced == figures.fidelity.recorded)
    #expect(report.ledger.count(of: .missingEvents) == 1)
    #expect(report.ledger.isIncomplete)
    // The time of the hole is not one in which nothing happened, where the text says so.
    let isMarked = mark.contains { !$0.isEmpty }
    let whole = try #require(try self.report([]).duration)
    let duration = try #require(report.duration)
    #expect(isMarked ? duration < whole : duration == whole)
  }

  @Test(arguments: [["[...]"], ["--"], ["and then"]])
  func `has none where its windows join, whatever stands between`(mark: [String]) throws {
    let whole = try PollTraceAnalysisTests.report(of: FtraceLines.file(lines))
    let middle = try #require(lines[20...].firstIndex { $0.contains("kvm_vcpu_wakeup") }) + 1
    let report = try PollTraceAnalysisTests.report(
      of: FtraceLines.file(lines[..<middle] + mark + lines[middle...]))
    #expect(report.vcpus == whole.vcpus)
    #expect(report.duration == whole.duration)
    #expect(report.ledger.count(of: .missingEvents) == 0)
    #expect(!report.ledger.isIncomplete)
  }
}

@Suite struct `What a recorder counted` {
  /// CPUs 0 and 1 with so many events each, and what CPUSTAT says of them.
  private func report(
    version: Int, _ says: (_ cpu: Int, _ events: Int) -> (entries: Int, read: Int)
  ) throws -> TraceReport {
    let events = InventedHalts.events(40)
    var builder = TraceBuilder(events)
    builder.version = version
    for cpu in 0...1 {
      let (entries, read) = says(cpu, events.count { $0.cpu == CPU(UInt32(cpu)) })
      builder.add(
        option: 2,
        "CPU: \(cpu)\nentries: \(entries)\noverrun: 0\ncommit overrun: 0\nread events: \(read)\n")
    }
    return try PollTraceAnalysisTests.report(of: builder.file)
  }

  @Test(arguments: [6, 7], [false, true])
  func `and the file lacks is missing, CPU by CPU`(version: Int, isRead: Bool) throws {
    let report = try report(version: version) { cpu, events in
      let counted = cpu == 0 ? events : events + 7
      return isRead ? (0, counted) : (counted, 100)
    }
    #expect(report.tally.absent == [CPU(1): 7])
    #expect(report.ledger.count(of: .absentEvents) == 7)
    #expect(report.vcpus.allSatisfy { $0.figures.gaps == 1 })
    #expect(report.ledger.isIncomplete)
  }

  /// trace-cmd takes the counts before its last flush.
  @Test(arguments: [6, 7])
  func `before its last flush is less, and nothing is missing`(version: Int) throws {
    let report = try report(version: version) { cpu, events in
      cpu == 0 ? (events - 30, events) : (events, 0)
    }
    #expect(report.tally.absent.isEmpty)
    #expect(report.ledger.count(of: .absentEvents) == 0)
    #expect(report.vcpus.allSatisfy { $0.figures.gaps == 0 })
    #expect(!report.ledger.isIncomplete)
  }
}
