import Testing

@testable import PollTrace

@Suite struct `A log of halts` {
  private static let effective = EffectiveParameters(
    rules: .newest,
    parameters: PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2))

  @Test func `has the window of every halt, and breaks off where events are missing`() {
    var log = HaltLog()
    for (place, window) in ([10_000, nil, 20_000, nil, 50_000] as [UInt32?]).enumerated() {
      let halt = Halt(woke: Timestamp(UInt64(place + 1) * 1_000), block: 500, ending: .slept)
      if place == 3 { log.breakOff() }
      log.add(
        window.map { WindowedHalt(halt, window: $0, left: $0, effective: Self.effective) }
          ?? WindowedHalt(halt, unknown: .eventsLost, effective: Self.effective))
    }
    #expect(log.entries.map(\.window) == [10_000, nil, 20_000, nil, 50_000])
    #expect(log.stretches == [0..<3, 3..<5])
  }

  @Test func `shows a vCPU that was not allowed to poll with a closed window`() {
    var log = HaltLog()
    log.add(
      WindowedHalt(
        Halt(woke: Timestamp(9_000), block: 5_000, ending: .slept), window: 20_000, left: 20_000,
        effective: Self.effective, check: .refused))
    #expect(log.entries.map(\.window) == [0])
  }
}
