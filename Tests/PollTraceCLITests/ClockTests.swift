import Fixtures
import Foundation
import Testing

@Suite struct `A clock that is not time` {
  private func file(_ clock: String, _ change: (inout TraceBuilder) -> Void = { _ in }) throws
    -> TemporaryFile
  {
    var builder = TraceBuilder(InventedHalts.events(100))
    builder.clock = clock
    change(&builder)
    return try TemporaryFile(Data(builder.file))
  }

  private struct Shown: Decodable {
    struct Trace: Decodable {
      var clock: String
      var clock_is_time: Bool
      var duration_ns: UInt64?
      var begin_ns: UInt64?
    }
    struct Figures: Decodable {
      struct Block: Decodable {
        struct Bucket: Decodable, Equatable { var ge, lt, count: UInt64 }
        var count, sum: UInt64
        var p99: UInt64
        var histogram: [Bucket]
      }
      struct Window: Decodable { var time_at: [[String: Double]] }
      var duration_ns: UInt64?
      var halts: UInt64
      var block_ns: Block
      var window_ns: Window
      var wake_latency_ns: Latency
      struct Latency: Decodable { var count: UInt64 }
    }
    struct Line: Decodable { var kind: String }
    var trace: [Trace]
    var total: Figures
    var ledger: [Line]
  }

  private func shown(_ file: TemporaryFile) throws -> Shown {
    let run = try Run(["report", file.path, "--format", "json"])
    #expect(run.status == 0, "\(run.error)")
    return try JSONDecoder().decode(Shown.self, from: Data(run.output.utf8))
  }

  @Test(arguments: ["counter", "uptime", "x86-tsc"])
  func `withholds rates and shares, and keeps block lengths`(clock: String) throws {
    let right = try shown(try file("mono"))
    let other = try shown(try file(clock))
    #expect(other.trace[0].clock == clock)
    #expect(!other.trace[0].clock_is_time)
    #expect(other.trace[0].duration_ns == nil)
    #expect(other.trace[0].begin_ns == nil)
    #expect(other.total.duration_ns == nil)
    #expect(other.total.window_ns.time_at.isEmpty)
    #expect(other.total.wake_latency_ns.count == 0)
    #expect(other.ledger.map(\.kind).contains("clock_is_not_time"))
    #expect(other.total.halts == right.total.halts)
    #expect(other.total.block_ns.sum == right.total.block_ns.sum)
    #expect(other.total.block_ns.histogram == right.total.block_ns.histogram)
    let again = try file(clock)
    let text = try Run(["report", again.path])
    #expect(text.output.contains("does not count time: rates and shares are withheld"))
    #expect(!text.output.contains("share of time"))
  }

  @Test func `is time where the trace says how long its ticks are`() throws {
    let file = try file("x86-tsc") {
      $0.add(option: 14, words: [UInt32(1) << 31, UInt32(31), UInt64(0)])
    }
    let shown = try shown(file)
    #expect(shown.trace[0].clock_is_time)
    #expect(shown.total.duration_ns != nil)
  }
}
