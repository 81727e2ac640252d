import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceFile

@Suite struct `Offsets in a trace.dat` {
  @Test(
    arguments: [
      ("9223372036854775807", "9223372036854775807", UInt64(Int64.max)),
      ("0x7fffffffffffffff", "-1", UInt64(Int64.max) - 1),
      ("-9223372036854775808", "5", 0), ("-1", "-9223372036854775808", 0),
    ])
  func `move time as far as there is any`(date: String, offset: String, ends: UInt64) throws {
    var file = TraceBuilder(InventedHalts.events(40))
    file.add(option: 1, date)
    file.add(option: 7, offset)
    let first = try #require(file.buffers[0].events.map(\.time).min())
    let moved = ends == 0 ? Timestamp(0) : first + Nanoseconds(ends)
    #expect(try BuiltTrace(file).tally.first == moved)
  }
}
