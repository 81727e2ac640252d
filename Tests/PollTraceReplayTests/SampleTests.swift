import Fixtures
import PollTrace
import PollTraceAnalysis
import Testing

@Suite struct `A sample of a trace` {
  @Test(arguments: ["exponential", "floating", "bursty"])
  func `knows of its halts what the whole trace does`(name: String) throws {
    let whole = try Self.logs(of: name, most: .max)
    let halts = whole.values.reduce(0) { $0 + $1.entries.count }
    let sample = try Self.logs(of: name, most: halts / 2)
    let sampled = sample.values.reduce(0) { $0 + $1.entries.count }
    #expect(sampled > halts / 3 && sampled < halts * 2 / 3)
    for (thread, log) in sample {
      let known = Dictionary(
        uniqueKeysWithValues: try #require(whole[thread]).entries.map { ($0.woke, $0) })
      // What a span's first halt began with may lie before the span.
      let firsts = Set(log.stretches.map(\.lowerBound))
      for (index, entry) in log.entries.enumerated() where !firsts.contains(index) {
        #expect(known[entry.woke]?.latency == entry.latency, "thread \(thread), halt \(index)")
        #expect(known[entry.woke]?.block == entry.block)
      }
    }
  }

  @Test func `shows of the same times all vCPUs`() throws {
    let whole = try Self.logs(of: "floating", most: .max)
    let halts = whole.values.reduce(0) { $0 + $1.entries.count }
    let sample = try Self.logs(of: "floating", most: halts / 2)
    #expect(sample.count > 1)
    for log in sample.values {
      let spans = log.stretches.map {
        log.entries[$0.lowerBound].woke..<log.entries[$0.upperBound - 1].woke
      }
      for (thread, other) in whole {
        let during = other.entries.map(\.woke).filter { woke in spans.contains { $0.contains(woke) }
        }
        let known = Set(try #require(sample[thread]).entries.map(\.woke))
        #expect(!during.isEmpty && known.isSuperset(of: during), "thread \(thread)")
      }
    }
  }

  private static func logs(of name: String, most: Int) throws -> [ThreadID: HaltLog] {
    var request = TraceAnalysis.Request()
    request.logged = most
    return try TraceAnalysis(
      path: Fixtures.trace("\(name).dat"), AnalysisOptions(), request, threads: 2
    ).logs
  }
}
