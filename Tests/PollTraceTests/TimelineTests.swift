import Testing

@testable import PollTrace

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
  halt(340_000, 18_000, .slept),
  halt(650_000, 300_000, .slept, 20_000, 10_000, left: 5_000),
]

@Suite struct `A timeline` {
  @Test func `knows what became of each halt`() {
    var timeline = Timeline()
    timeline.add(Followed(halts).halts.span, on: axis)
    let counts = HaltOutcomes.Outcome.allCases.map { timeline.outcomes.count(of: $0) }
    // The first halt slept before the window opened, the fifth inside it.
    #expect(counts == [1, 1, 2, 2, 0])
  }

  @Test(arguments: 0...6) func `goes on wherever a round ends`(place: Int) {
    let halts = Followed(halts).halts
    var whole = Timeline()
    whole.add(halts.span, on: axis)
    var rounds = Timeline()
    rounds.add(halts.span.extracting(0..<place), on: axis)
    rounds.add(halts.span.extracting(place..<halts.count), on: axis)
    #expect(rounds == whole)
  }

  @Test func `has the windows of every bin, and their mean over time`() throws {
    var timeline = Timeline()
    timeline.add(Followed(halts).halts.span, on: axis)
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
    timeline.add(Followed([halts[0]]).halts.span, on: axis)
    #expect(timeline.windows(on: axis) == nil)
    // Whether it polled before it slept is not known.
    #expect(timeline.outcomes.count(of: .unknown) == 1)
  }

  @Test(arguments: [0, 63, 79, 80, 95, 96, 200_000, 1 << 40] as [UInt64])
  func `puts a length into the band whose bounds enclose it`(length: UInt64) {
    let band = BlockBands.band(of: length)
    #expect(band == BlockBands.count - 1 || length < BlockBands.floor(of: band + 1))
    #expect(band == 0 || length >= BlockBands.floor(of: band))
  }
}
