import Fixtures
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// What a trace comes to, read in slices as whole halts or event by event.
private struct Reading: Equatable {
  var tracks: [VCPUTrack]
  var tally: ReadTally

  /// Reads the trace in `bytes` in `count` slices of time, which make one part.
  init(_ bytes: Bytes, wholeHalts: Bool, slices count: UInt64) throws {
    let reader = try TraceDatReader(bytes, path: "fixture", readsHalts: wholeHalts)
    let analysis = TraceAnalysis(
      of: reader.description, begin: reader.begin, AnalysisOptions())
    let all = reader.read(.everything) { _ in }
    let (first, last) = (try #require(all.first).rawValue, try #require(all.last).rawValue)
    let cuts =
      [0] + (1..<count).map { first + (last - first) * $0 / count } + [.max]
    let slices = zip(cuts, cuts.dropFirst()).map {
      TraceSlice(from: Timestamp($0), to: Timestamp($1))
    }
    // The first time for the losses.
    var (scope, tracks) = (analysis.scope, HostTracks(scope: analysis.scope))
    tally = reader.read(slices[...], into: &tracks)
    if !reader.settle() {
      scope.losses = reader.losses
      tracks = HostTracks(scope: scope)
      tally = reader.read(slices[...], into: &tracks)
    }
    tracks.finish(at: try #require(tally.last))
    self.tracks = tracks.tracks.sorted { $0.thread < $1.thread }
  }
}

/// The bytes of a fixture.
private func bytes(of name: String) throws -> Bytes {
  try FileContent(path: Fixtures.trace("\(name).dat")) { _ in true }.bytes
}

@Suite struct `Whole halts` {
  @Test(arguments: Fixtures.names)
  func `come to the same as their events`(name: String) throws {
    let bytes = try bytes(of: name)
    for slices in [1, 3, 40, 700] as [UInt64] {
      let whole = try Reading(bytes, wholeHalts: true, slices: slices)
      #expect(whole == (try Reading(bytes, wholeHalts: false, slices: slices)), "\(slices) slices")
      #expect(!whole.tracks.isEmpty)
    }
  }

  @Test func `are found where there are no scheduler events`() throws {
    let bytes = try bytes(of: "no-sched")
    let reader = try TraceDatReader(bytes, path: "fixture")
    var halts = HaltBatch()
    var cursors = reader.cursors(from: Timestamp(0))
    for index in cursors.indices {
      let isWhole = cursors[index].read(until: Timestamp(.max), into: &halts)
      #expect(isWhole)
    }
    let truth = try Fixtures.truth(of: "no-sched")
    #expect(halts.count > 100)
    #expect(cursors.reduce(0) { $0 + $1.tally.events } >= UInt64(halts.count))
    #expect(!truth.vcpus.isEmpty)
  }

  @Test(arguments: 1...8)
  func `come to the same as their events behind losses and damage`(seed: UInt64) throws {
    let original = try bytes(of: "no-sched")
    // Spread by a product, as it need not be random, but the same each time.
    var spread = seed
    func next(below count: UInt64) -> UInt64 {
      spread = spread &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (spread >> 33) % count
    }
    var content = (0..<original.count).map { original.load($0, as: UInt8.self) }
    for page in stride(from: 0, to: content.count - 4_095, by: 4_096) {
      // A page's commit word: its length in bytes, and in the top bit whether events were lost.
      let length = Int(content[page + 8]) | Int(content[page + 9]) << 8
      guard content[page + 10] == 0, content[page + 11] == 0, length <= 4_080 else { continue }
      switch next(below: 8) {
      case 0: content[page + 11] = 0x80
      case 1: content[page + 16 + Int(next(below: 4_000))] = UInt8(next(below: 256))
      default: break
      }
    }
    let damaged = unsafe Bytes(capacity: content.count) { room in
      unsafe room.copyBytes(from: content)
      return content.count
    }
    for slices in [2, 60] as [UInt64] {
      #expect(
        try Reading(damaged, wholeHalts: true, slices: slices)
          == Reading(damaged, wholeHalts: false, slices: slices))
    }
  }
}

@Suite struct `The order of pages` {
  fileprivate typealias Stretch = PageSurvey.Stretch

  @Test func `is kept where every page was looked at beside the one before`() {
    let order = PageSurvey([(CPU(0), 9), (CPU(1), nil), (CPU(2), 0)])
    order.note([
      Stretch(begin: 4, end: 9, isInOrder: true), Stretch(begin: 1, end: 2, isInOrder: false),
      Stretch(begin: 0, end: 0, isInOrder: true),
    ])
    order.note([
      Stretch(begin: 0, end: 5, isInOrder: true), Stretch(begin: 7, end: 8, isInOrder: true),
      Stretch(begin: 0, end: 0, isInOrder: true),
    ])
    #expect(order.settle())
    #expect(!order.isBroken)
  }

  @Test(arguments: [
    [Stretch(begin: 0, end: 4, isInOrder: true), Stretch(begin: 5, end: 9, isInOrder: true)],
    [Stretch(begin: 0, end: 5, isInOrder: true), Stretch(begin: 5, end: 8, isInOrder: true)],
    [Stretch(begin: 0, end: 5, isInOrder: false), Stretch(begin: 5, end: 9, isInOrder: true)],
    [],
  ])
  fileprivate func `is broken where one goes back, or may`(stretches: [Stretch]) {
    let order = PageSurvey([(CPU(0), 9)])
    for stretch in stretches { order.note([stretch]) }
    #expect(!order.settle())
    #expect(order.isBroken)
    for stretch in stretches { order.note([stretch]) }
    #expect(order.settle(), "known by now")
    #expect(order.isBroken)
  }

  @Test func `ends with a loss on each CPU where the recorder was killed`() {
    let order = PageSurvey([(CPU(0), 1), (CPU(1), 1)], isCutOff: true)
    func note() {
      order.note([
        Stretch(begin: 0, end: 1, isInOrder: true, last: Timestamp(500)),
        Stretch(begin: 0, end: 1, isInOrder: true, last: Timestamp(700)),
      ])
    }
    note()
    #expect(!order.settle(), "it was not known while reading")
    note()
    #expect(order.settle())
    let (early, late) = (Timestamp(400), Timestamp(600))
    #expect(order.losses.lie(between: (early, CPU(0)), and: (late, CPU(1))))
    #expect(!order.losses.lie(between: (early, CPU(1)), and: (late, CPU(1))))
    #expect(order.losses.lie(between: (late, CPU(1)), and: (Timestamp(800), CPU(1))))
  }

  @Test func `is noted where two pages have changed places`() throws {
    let original = try bytes(of: "no-sched")
    var content = (0..<original.count).map { original.load($0, as: UInt8.self) }
    // The first two pages of a CPU begin where its buffer does, at a whole page.
    let pages = stride(from: 0, to: content.count - 8_191, by: 4_096).filter { page in
      let (first, second) = (
        original.load(page, as: UInt64.self), original.load(page + 4_096, as: UInt64.self)
      )
      return first < second && second - first < 1 << 34 && first > 1 << 34
    }
    let page = try #require(pages.first)
    for byte in page..<page + 4_096 { content.swapAt(byte, byte + 4_096) }
    let swapped = unsafe Bytes(capacity: content.count) { room in
      unsafe room.copyBytes(from: content)
      return content.count
    }
    for (bytes, count) in [(original, 0), (swapped, 1)] {
      let reader = try TraceDatReader(bytes, path: "fixture")
      let analysis = TraceAnalysis(of: reader.description, begin: reader.begin, AnalysisOptions())
      _ = reader.tracks(in: analysis.scope, threads: 2)
      #expect(reader.ledger.count(of: .timeRunsBackwards) == count)
    }
  }
}
