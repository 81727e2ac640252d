import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceFile

@Suite(.enabled(if: Peer.isThere, Peer.comment))
struct `A trace that polltrace wrote` {
  @Test(arguments: Fixtures.names)
  func `is the same for trace-cmd, event by event`(name: String) throws {
    let path = Fixtures.trace("\(name).dat")
    let (lines, complaints) = try Peer.report(path)
    #expect(complaints == "")
    let (events, tally) = everything(in: try TraceFormats.open(path: path))
    let mine = events.compactMap { Peer.line($0) }
    // Events of one moment may stand in either order.
    #expect(mine.sorted() == lines.compactMap(Peer.line).sorted())
    #expect(tally.events == UInt64(lines.filter { !$0.contains("EVENTS DROPPED") }.count))
  }
}
