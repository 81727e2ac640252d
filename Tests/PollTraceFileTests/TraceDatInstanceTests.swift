import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceFile

@Suite struct `Instances of a trace.dat` {
  /// Events of the same threads in the top buffer and in an instance.
  private func builder(
    top: String?, _ instance: String?, _ events: [Event] = InventedHalts.events(30)
  ) -> TraceBuilder {
    var builder = TraceBuilder(events)
    builder.version = 7
    builder.buffers[0].clock = top
    builder.buffers.append(
      .init(name: "other", clock: instance, events: InventedHalts.events(20, vcpus: 1)))
    return builder
  }

  @Test(arguments: [("mono", "local"), ("[local] global mono", "local global [mono]")])
  func `with another clock are left out by name`(top: String, instance: String) throws {
    let built = try BuiltTrace(builder(top: top, instance))
    #expect(built.events == InventedHalts.events(30).byCPU)
    #expect(built.report.ledger.count(of: .otherClock) == 1)
    #expect(built.report.ledger.isIncomplete)
    #expect(built.reader.description.instances.isEmpty)
  }

  @Test func `of an earlier boot are left out: their threads have the same numbers`() throws {
    var builder = builder(top: "mono", "mono")
    builder.add(option: 24, "10c00000\t\t[kernel]\n")
    let built = try BuiltTrace(builder)
    #expect(built.events == InventedHalts.events(30).byCPU)
    #expect(built.report.ledger.count(of: .otherClock) == 1)
    #expect(built.report.ledger.isIncomplete)
  }

  @Test func `of the same clock, or of one that is not told, are read`() throws {
    for (top, instance) in [("mono", "mono"), ("mono", ""), ("[mono] local", "mono")] {
      let built = try BuiltTrace(builder(top: top, instance))
      #expect(
        built.events.count
          == InventedHalts.events(30).count + InventedHalts.events(20, vcpus: 1).count)
      #expect(built.ledger.entries.isEmpty)
    }
  }

  @Test func `alone have their own clock, whatever that of the empty top buffer is`() throws {
    var builder = builder(top: "counter", "mono", [])
    builder.buffers[0].emptyCPUs = [0, 1]
    let built = try BuiltTrace(builder)
    #expect(built.reader.description.clock == .init(name: "mono", isTime: true))
    #expect(built.ledger.entries.isEmpty)
    #expect(built.events == InventedHalts.events(20, vcpus: 1).byCPU)
  }
}
