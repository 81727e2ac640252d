import Fixtures
import PollTraceFile
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis

/// A reader that does not tell when its trace ends.
private final class WithoutEnd: TraceReader {
  private let reader: any TraceReader
  init(_ reader: any TraceReader) { self.reader = reader }

  var description: TraceDescription { reader.description }
  var ledger: Ledger { reader.ledger }
  var statedLosses: [CPU: UInt64] { reader.statedLosses }
  var losses: Losses { reader.losses }
  var begin: Timestamp? { reader.begin }
  func moments(every pages: Int) -> [Timestamp] { reader.moments(every: pages) }
  var size: Int { reader.size }
  var sourceCount: Int { reader.sourceCount }
  func source(_ number: Int) -> sending any EventSource { reader.source(number) }
}

@Suite struct `Timelines` {
  @Test(arguments: Fixtures.names, [1, 2])
  func `are the same from one pass as from two`(name: String, threads: Int) throws {
    let path = Fixtures.trace("\(name).dat")
    var request = TraceAnalysis.Request()
    request.bins = 24
    let known = try TraceFormats.open(path: path)
    let once = TraceAnalysis(known, AnalysisOptions(), request, threads: threads)
    let twice = TraceAnalysis(
      WithoutEnd(try TraceFormats.open(path: path)), AnalysisOptions(), request, threads: threads)
    #expect(known.begin == once.report.tally.first)
    #expect(known.end == once.report.tally.last)
    #expect(twice.passes == 2)
    #expect(once.report.axis == twice.report.axis)
    #expect(once.report == twice.report)
    for vcpu in once.report.vcpus {
      let timeline = try #require(vcpu.timeline)
      let halts = (0..<24).reduce(0) { $0 + UInt64(timeline.bin($1).halts) }
      #expect(halts == vcpu.figures.measures.halts)
    }
  }
}
