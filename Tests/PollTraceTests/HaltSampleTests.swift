import Testing

@testable import PollTrace

@Suite struct `A sample of a thread's halts` {
  private func numbers(of halts: UInt64, share: Double) -> [UInt64] {
    let sample = HaltSample(of: halts, share: share)
    let numbers = (0..<halts + 10).filter(sample.has)
    #expect(numbers.count == sample.count)
    return numbers
  }

  @Test func `is runs at even distances`() {
    // 100 of 1,000 in runs of at least 32: three of 33, a third of all apart.
    #expect(
      numbers(of: 1_000, share: 0.1)
        == Array(0..<33) + Array(334..<367) + Array(667..<700))
  }

  @Test func `is all where they are few, or all are wanted`() {
    #expect(numbers(of: 63, share: 0.001) == Array(0..<63))
    #expect(numbers(of: 320, share: 1) == Array(0..<320))
    #expect(numbers(of: 0, share: 0.5).isEmpty)
  }

  @Test func `has at most 80 runs`() {
    // 10,000 of a million: 80 of 125.
    let numbers = numbers(of: 1_000_000, share: 0.01)
    #expect(numbers.count == 10_000)
    #expect(zip(numbers, numbers.dropFirst()).count { $1 != $0 + 1 } == 79)
    #expect(numbers.last == 987_500 + 124)
  }

  @Test func `breaks the log off where halts are left out`() {
    let effective = EffectiveParameters(
      rules: .newest,
      parameters: PollParameters(ceiling: 50_000, grow: 2, growStart: 10_000, shrink: 2))
    let halts = (0..<1_000 as Range<UInt64>).map { number in
      WindowedHalt(
        Halt(woke: Timestamp(number), block: 1, ending: .polled), window: 10_000, left: 10_000,
        effective: effective)
    }
    var log = HaltLog()
    let sample = HaltSample(of: 1_000, share: 0.1)
    // As rounds and batches hand them over.
    for first in stride(from: 0, to: 1_000, by: 64) {
      let batch = Array(halts[first..<min(first + 64, 1_000)])
      log.add(batch.span, from: UInt64(first), of: sample)
    }
    #expect(log.stretches == [0..<33, 33..<66, 66..<99])
    #expect(log.entries.map(\.woke.rawValue) == numbers(of: 1_000, share: 0.1))
  }
}
