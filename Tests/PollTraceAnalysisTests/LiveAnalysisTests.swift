import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceAnalysis
@testable import PollTraceFile

/// The pages of a recorded trace, handed out as if they came from the kernel.
private struct Replayed {
  let pages: [CPU: [[UInt8]]]
  let formats: [(system: String, text: [UInt8])]
  let report: TraceReport
  let tracks: [VCPUTrack]

  init(_ name: String) throws {
    let path = Fixtures.trace(name)
    let reader = try TraceFormats.open(path: OSString(path))
    report = TraceAnalysis(reader, AnalysisOptions(), threads: 2).report
    let scope = Learning(of: reader.description, begin: nil, AnalysisOptions()).scope
    tracks = Pass(reader: reader, scope: scope, threads: 2).run { _ in }.tracks
    let file = try FileContent(OSString(path)) { _ in true }.bytes
    let header = try TraceDatHeader.read(file, path: path)
    formats = header.formats.map { ($0.system, Array($0.text.text.utf8)) }
    var pages: [CPU: [[UInt8]]] = [:]
    for data in header.buffers[0].cpus {
      pages[data.cpu] = stride(from: 0, to: Int(data.size), by: 4_096).compactMap { place in
        file.part(Int(data.offset) + place, 4_096).map(\.copy)
      }
    }
    self.pages = pages
  }

  /// When a page begins.
  private static func time(_ page: [UInt8]) -> Timestamp {
    Timestamp(Bytes(page).load(0, as: UInt64.self))
  }

  /// Follows them in rounds of `count` pages a CPU; a harvest after each `every` rounds, and at the end.
  func harvests(pages count: Int, every: Int) -> [[VCPUTrack]] {
    var live = live
    var harvests: [[VCPUTrack]] = []
    var (round, isOver) = (0, false)
    while !isOver {
      // What lies before the first page that has not come is there.
      var end = Timestamp(.max)
      for (cpu, all) in pages {
        for page in all.dropFirst(round * count).prefix(count) { live.add(page, of: cpu) }
        if let next = all.dropFirst((round + 1) * count).first { end = min(end, Self.time(next)) }
      }
      live.follow(until: end)
      round += 1
      isOver = end == Timestamp(.max)
      if isOver || round % every == 0 {
        let last = isOver ? report.tally.last ?? end : end
        harvests.append(live.harvest(at: last, report.trace.vcpus))
      }
    }
    #expect(live.ledger == Ledger())
    return harvests
  }

  /// Follows all pages of a guest in `count` equal parts of the time, with a harvest after each.
  func guestHarvests(_ count: UInt64) -> [[GuestCPUTrack]] {
    var live = live
    for (cpu, all) in pages { for page in all { live.add(page, of: cpu) } }
    let (first, last) = (report.tally.first ?? Timestamp(0), report.tally.last ?? Timestamp(0))
    return (1...count).map { part in
      let end = first + Nanoseconds((last - first).rawValue * part / count) + 1
      live.follow(until: end)
      return live.harvestGuest(at: end)
    }
  }

  /// An analysis that has no page yet.
  private var live: LiveAnalysis {
    LiveAnalysis(
      LivePages(
        cpus: Array(pages.keys), pageSize: 4_096, headerPage: Array(headerPage.utf8),
        formats: formats), report.trace.facts ?? RecordedFacts())
  }
}

private let headerPage = """
  \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
  \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
  \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
  \tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;

  """

@Suite struct `A live trace` {
  @Test(arguments: ["bimodal.dat", "bursty.dat", "exponential.dat", "lost.dat"], [1, 3, 64])
  func `comes to the figures of the same trace in a file`(name: String, pages: Int) throws {
    let trace = try Replayed(name)
    let harvest = try #require(trace.harvests(pages: pages, every: .max).last)
    #expect(harvest.map(\.thread).sorted() == trace.tracks.map(\.thread).sorted())
    for track in harvest {
      let file = try #require(trace.tracks.first { $0.thread == track.thread })
      #expect(track.vcpu == file.vcpu)
      #expect(track.measures == file.measures)
      #expect(track.fidelity.reproduced == file.fidelity.reproduced)
      #expect(track.fidelity.contradicted == file.fidelity.contradicted)
      let (counters, counted) = (track.account.kernelCounters, file.account.kernelCounters)
      #expect(counters.attemptedPolls == counted.attemptedPolls)
      #expect(counters.failedPollTime == counted.failedPollTime)
      #expect(counters.waitHistogram == counted.waitHistogram)
      #expect(track.windows.times.elementsEqual(file.windows.times, by: ==))
    }
  }

  @Test(arguments: ["bimodal.dat", "bursty.dat", "lost.dat"], [(1, 2), (3, 1)])
  func `adds up, look by look, to what its file says`(name: String, rounds: (Int, Int)) throws {
    let trace = try Replayed(name)
    let harvests = trace.harvests(pages: rounds.0, every: rounds.1)
    #expect(harvests.count > 3)
    for file in trace.tracks {
      let parts = harvests.compactMap { $0.first { $0.thread == file.thread } }
      let measures = parts.reduce(into: VCPUMeasures()) { $0.merge($1.measures) }
      #expect(measures == file.measures)
      #expect(parts.last?.fidelity.recorded == file.fidelity.recorded)
    }
  }

  @Test(arguments: ["off.dat", "timer-200us.dat"], [1, 3, 10])
  func `of a guest adds up, look by look, to what its file says`(name: String, looks: UInt64) throws
  {
    let trace = try Replayed("../guests/\(name)")
    let guest = try #require(trace.report.guest)
    let harvests = trace.guestHarvests(looks)
    #expect(!guest.cpus.isEmpty)
    for cpu in guest.cpus {
      let file = cpu.figures
      let parts = harvests.compactMap { $0.first { $0.cpu == cpu.cpu }?.figures }
      let live = IdleFigures(totalOf: parts)
      // What goes on at the end is settled by the end of a file alone.
      #expect(file.idles - live.idles <= 1)
      #expect(file.halted - live.halted <= 1)
      #expect(file.wakeLatency.count - live.wakeLatency.count <= 1)
      #expect(file.grows == live.grows)
      #expect(file.shrinks == live.shrinks)
      #expect(live.idles > 0 && live.failTime <= file.failTime)
      let last = try #require(parts.last)
      #expect(last.fidelity.reproduced == file.fidelity.reproduced)
      #expect(last.fidelity.contradicted == file.fidelity.contradicted)
    }
  }

  @Test func `learns a VM's own ceiling, and obeys it from then on`() throws {
    let trace = try Replayed("small-ceiling.dat")
    let harvests = trace.harvests(pages: 2, every: 1)
    #expect(harvests.count > 4)
    let all = harvests.map { $0.reduce(0) { $0 + $1.fidelity.contradicted } }
    #expect(all.last == all[2], "\(all)")
  }
}

extension Bytes {
  fileprivate var copy: [UInt8] { (0..<count).map { load($0, as: UInt8.self) } }
}

extension ThreadID {
  fileprivate static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension [ThreadID] {
  fileprivate func sorted() -> [ThreadID] { sorted { $0 < $1 } }
}
