import Testing

@testable import PollTrace

/// 4,000 halts of 2 ms that slept, half of them behind a poll of 50 µs that ran out or, two of five,
/// was given up at once; one in fifty was held up for 1 ms, or for 30 µs where a bit more is not
/// told from a poll, on the way to the switch.
private struct Load {
  private static let effective = EffectiveParameters(
    rules: .newest,
    parameters: PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2))

  /// A halt of 2 ms that slept behind a poll in a window of `window` ns, switched out after
  /// `switched` ns.
  static func halt(_ index: Int, window: UInt32, switched: UInt64) -> WindowedHalt {
    WindowedHalt(
      Halt(
        woke: Timestamp(UInt64(index + 1) * 10_000_000), block: 2_000_000, ending: .slept,
        poll: .measured(Nanoseconds(switched)), successor: .idle),
      window: window, left: window, effective: effective)
  }

  var account = PollAccount()
  /// How long KVM would say that the failed polls were, had they been held up or the ways.
  var polls: UInt64 = 0

  init(waysAreHeldUp: Bool, by stop: UInt64) {
    for index in 0..<4_000 {
      let window: UInt32 = index % 2 == 0 ? 50_000 : 0
      let poll: UInt64 = window == 0 ? 0 : index % 10 < 4 ? 200 : 50_000
      let isHeldUp = waysAreHeldUp ? index % 51 == 0 : window != 0 && index % 52 == 0
      let switched = poll + 2_000 + (isHeldUp ? stop : 0)
      if window > 0 { polls += poll + (isHeldUp && !waysAreHeldUp ? stop : 0) }
      account.add(Self.halt(index, window: window, switched: switched))
    }
  }

  /// What was rebuilt, as a share of `polls`.
  var share: Double { Double(account.kernelCounters.failedPollTime.rawValue) / Double(polls) }
}

@Suite struct `The time of failed polls` {
  @Test(arguments: [30_000, 300_000, 1_000_000])
  func `has nothing of slow ways through the scheduler`(stop: UInt64) {
    let load = Load(waysAreHeldUp: true, by: stop)
    #expect(abs(load.share - 1) < 0.02)
    let moved = load.account.kernelCounters.failedPollHistogram.counts
    // 200 ns lie in the bucket of 128 to 255, 50 µs in that of 32,768 to 65,535.
    #expect(moved[8] >= 780 && moved[16] >= 1_180 && moved.reduce(0, +) == 2_000)
  }

  @Test func `has all of polls that were held up themselves`() {
    #expect(abs(Load(waysAreHeldUp: false, by: 1_000_000).share - 1) < 0.01)
  }

  @Test func `is not what a handful of halts without a poll suggest`() {
    var account = PollAccount()
    for (index, window) in ([UInt32](repeating: 200_000, count: 500) + [0, 0, 0, 0, 0]).enumerated()
    {
      account.add(Load.halt(index, window: window, switched: 150_000))
    }
    let each = Double(account.kernelCounters.failedPollTime.rawValue) / 500
    #expect(each > 100_000)
  }

  @Test func `and the wait are the halts' time, wherever the line is drawn`() {
    for load in [Load(waysAreHeldUp: true, by: 300_000), Load(waysAreHeldUp: false, by: 300_000)] {
      let counters = load.account.kernelCounters
      #expect(counters.failedPollTime + counters.waitTime == Nanoseconds(4_000 * 2_000_000))
      #expect(counters.waitHistogram.counts.reduce(0, +) == 4_000)
    }
  }

  @Test func `is that of the parts, put together`() {
    var parts = Load(waysAreHeldUp: true, by: 300_000).account
    parts.merge(Load(waysAreHeldUp: false, by: 300_000).account)
    var turned = Load(waysAreHeldUp: false, by: 300_000).account
    turned.merge(Load(waysAreHeldUp: true, by: 300_000).account)
    #expect(parts == turned)
    #expect(parts.kernelCounters == turned.kernelCounters)
    #expect(parts.abandoned.count == 784 + 768)
  }
}
