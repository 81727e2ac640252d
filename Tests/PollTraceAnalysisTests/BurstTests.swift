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
    // 1,000 of 11,200 halts: 946 of the first vCPU's 10,600, in 29 runs of 32; of the second's 600 the 64
    // that a replay needs at least, in two runs of 32.
    #expect(logged.threads == [ThreadID(1): 928, ThreadID(2): 64])
    // Each run but those at the burst's ends lies in the burst, or outside: 10,000 of 10,600 are 875 of 928.
    #expect(abs(logged.burst - 875) <= 64)
    #expect(logged.burst + logged.rest == 992)
  }
}
