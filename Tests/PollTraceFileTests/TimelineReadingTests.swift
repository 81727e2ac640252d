import Fixtures
import PollTrace
import Testing

@testable import PollTraceFile

/// A reader that does not tell when its trace ends.
private final class WithoutEnd: TraceReader {
  private let reader: any TraceReader
  init(_ reader: any TraceReader) { self.reader = reader }

  var description: TraceDescription { reader.description }
  var ledger: Ledger { reader.ledger }
  var statedLosses: [CPU: UInt64] { reader.statedLosses }
  var begin: Timestamp? { reader.begin }
  var losses: Losses? { reader.losses }
  func settle() -> Bool { reader.settle() }
  func slices(atMost count: Int) -> [TraceSlice] { reader.slices(atMost: count) }
  func read(_ slice: TraceSlice, _ take: (Span<Event>) -> Void) -> ReadTally {
    reader.read(slice, take)
  }
  func read(_ slices: ArraySlice<TraceSlice>, into tracks: inout HostTracks) -> ReadTally {
    reader.read(slices, into: &tracks)
  }
}

@Suite struct `Timelines` {
  @Test(arguments: Fixtures.names, [1, 2])
  func `are the same from one reading as from two`(name: String, threads: Int) throws {
    let path = Fixtures.trace("\(name).dat")
    let bins = 24
    let known = try TraceFormats.open(path: path)
    let once = AnalysedTrace(known, AnalysisOptions(), bins: bins, threads: threads).report
    let twice = AnalysedTrace(
      WithoutEnd(try TraceFormats.open(path: path)), AnalysisOptions(), bins: bins,
      threads: threads
    ).report
    // Else both of them read twice.
    #expect(known.begin == once.tally.first)
    #expect(known.end == once.tally.last)
    #expect(once.axis == twice.axis)
    #expect(once.vcpus.map(\.figures.measures) == twice.vcpus.map(\.figures.measures))
    try #require(once.vcpus.count == twice.vcpus.count)
    for (one, two) in zip(once.vcpus, twice.vcpus) {
      let timeline = try #require(one.timeline)
      #expect(timeline == two.timeline, "vCPU \(one.identity.thread)")
      let halts = (0..<bins).reduce(0) { $0 + UInt64(timeline.bin($1).halts) }
      #expect(halts == one.figures.measures.halts)
    }
  }
}
