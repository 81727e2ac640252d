import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

@Suite struct `A burst of halts` {
  /// Ten minutes of two vCPUs with a halt a second, in which the first has 10,000 halts in a tenth of a
  /// second; and how many of them a log of 1,000 halts has.
  private func logged() throws -> (burst: Int, rest: Int, threads: [ThreadID: Int]) {
    var script = TraceScript()
    for second in 0..<600 {
      for thread in [1, 2] as [Int32] { script.halt(thread, busy: 999_000_000, block: 1_000_000) }
      guard second == 300 else { continue }
      for _ in 0..<10_000 { script.halt(1, busy: 5_000, block: 5_000) }
    }
    var description = TraceDescription(
      path: "burst", format: "test", clock: .init(name: "mono", isTime: true), cpus: 1)
    description.hasSchedulerEvents = true
    var request = TraceAnalysis.Request()
    request.logged = 1_000
    let logs = TraceAnalysis(
      ScriptedTrace(script.sorted, description), AnalysisOptions(), request, threads: 2
    ).logs
    let lengths = logs.values.flatMap(\.entries).map(\.block)
    return (
      lengths.count { $0 == 5_000 }, lengths.count { $0 > 5_000 }, logs.mapValues(\.entries.count)
    )
  }

  @Test func `in a tenth of a second is not kept whole, and has its share of what is kept`() throws
  {
    let logged = try logged()
    // 1,000 of 11,200 halts: of the second vCPU's 600 a quarter of all, 750 of the first one's 10,600, of
    // which 10,000 are the burst's. The burst lies in one bin of 0.27 s or in two.
    #expect((200...300).contains(try #require(logged.threads[ThreadID(2)])))
    #expect((600...900).contains(try #require(logged.threads[ThreadID(1)])))
    #expect((550...850).contains(logged.burst))
    #expect(logged.burst + logged.rest == logged.threads.values.reduce(0, +))
  }
}
