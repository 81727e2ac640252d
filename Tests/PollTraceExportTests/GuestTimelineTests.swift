import Fixtures
import PerfettoTrace
import PollTraceAnalysis
import SwiftProtobuf
import Testing

@testable import PollTrace
@testable import PollTraceExport

@Suite struct `A timeline of a guest` {
  @Test(arguments: Fixtures.guests)
  func `keeps Perfetto's rules, and shows the report's idle times`(name: String) throws {
    var request = TraceAnalysis.Request()
    request.halts = true
    let analysis = try TraceAnalysis(
      path: Fixtures.guest(name), AnalysisOptions(), request, threads: 2)
    var timeline = try HaltTimeline(analysis.report)
    var bytes = timeline.beginning
    let isAsItWas = try analysis.idles { batch throws(any Error) in
      try timeline.write(batch) { bytes += $0 }
    }
    #expect(isAsItWas)
    let checker = TimelineChecker(try PerfettoTrace(serializedBytes: bytes))
    #expect(checker.faults == [])
    let guest = try #require(analysis.report.guest)
    let total = guest.total
    #expect(checker.counts["polled", default: 0] == Int(total.polled))
    #expect(checker.counts["halted", default: 0] == Int(total.halted))
    #expect(checker.counts["poll", default: 0] == Int(total.polls - total.polled))
    #expect(checker.counts["halt", default: 0] == Int(total.halted))
    #expect(checker.counts["waking up", default: 0] == Int(total.wakeLatency.count))
    #expect(checker.counts["grow", default: 0] == Int(total.grows))
    #expect(checker.counts["shrink", default: 0] == Int(total.shrinks))
    #expect(checker.tracks.values.count { $0.hasCounter } == guest.cpus.count)
    #expect(checker.tracks.values.contains { $0.name == "CPU 0" })
  }
}
