import Testing

@testable import PollTrace

private let laws = PollLaws(
  PollSettings(
    rules: .newest,
    parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)))
private let axis = Timeline.Axis(begin: Timestamp(0), end: Timestamp(1_000_000), bins: 10)

private func halt(
  _ woke: UInt64, _ block: UInt64, _ ending: Halt.Ending, _ old: UInt32? = nil, _ new: UInt32 = 0,
  left: UInt64? = nil
) -> Halt {
  Halt(
    woke: Timestamp(woke), block: Nanoseconds(block), ending: ending,
    decision: old.map { Decision(new < $0 ? .shrink : .grow, vcpu: 0, old: $0, new: new) },
    poll: left.map { .measured(Nanoseconds($0)) } ?? .unmeasured)
}

private let halts = [
  halt(50_000, 9_000, .slept),
  halt(150_000, 30_000, .slept, 0, 10_000),
  halt(250_000, 5_000, .polled),
  halt(260_000, 15_000, .slept, 10_000, 20_000, left: 12_000),
  halt(450_000, 18_000, .slept),
  halt(650_000, 300_000, .slept, 20_000, 10_000, left: 5_000),
]

@Suite struct `A timeline` {
  @Test func `knows what became of each halt`() {
    var timeline = Timeline()
    timeline.add(halts.span, on: axis, laws)
    let counts = HaltFates.Fate.allCases.map { timeline.fates.count(of: $0) }
    // The first halt slept before the window opened, the fifth inside it.
    #expect(counts == [1, 1, 2, 2])
  }

  @Test(arguments: 0...6) func `joins wherever the trace is cut`(place: Int) {
    var whole = Timeline()
    whole.add(halts.span, on: axis, laws)
    var first = Timeline()
    var second = Timeline()
    first.add(halts.span.extracting(0..<place), on: axis, laws)
    second.add(halts.span.extracting(place..<halts.count), on: axis, laws)
    first.append(second)
    #expect(first == whole)
  }

  @Test func `has the windows of every bin, and their mean over time`() throws {
    var timeline = Timeline()
    timeline.add(halts.span, on: axis, laws)
    let windows = try #require(timeline.windows(on: axis))
    #expect(
      windows.map(\.most) == [
        0, 10_000, 20_000, 20_000, 20_000, 20_000, 20_000, 10_000, 10_000, 10_000,
      ])
    #expect(
      windows.map(\.least) == [
        0, 0, 10_000, 20_000, 20_000, 20_000, 10_000, 10_000, 10_000, 10_000,
      ])
    #expect(abs(windows[1].mean - 5_000) < 1)
    #expect(abs(windows[2].mean - 14_000) < 1)
  }

  @Test func `has none where nothing was decided`() {
    var timeline = Timeline()
    timeline.add(halts.span.extracting(0..<1), on: axis, laws)
    #expect(timeline.windows(on: axis) == nil)
    #expect(timeline.fates.settled(window: 0).count(of: .slept) == 1)
    #expect(timeline.fates.settled(window: 10_000).count(of: .abandoned) == 1)
  }

  @Test(arguments: [0, 63, 79, 80, 95, 96, 200_000, 1 << 40] as [UInt64])
  func `puts a length into the band whose bounds enclose it`(length: UInt64) {
    let band = BlockBands.band(of: length)
    #expect(band == BlockBands.count - 1 || length < BlockBands.floor(of: band + 1))
    #expect(band == 0 || length >= BlockBands.floor(of: band))
  }
}
