import Testing

@testable import PollTrace

/// The counts of a histogram that are not 0, by bucket.
private func counts(_ histogram: LogHistogram) -> [Int: UInt64] {
  Dictionary(
    uniqueKeysWithValues: histogram.counts.enumerated().filter { $0.element > 0 }
      .map { ($0.offset, $0.element) })
}

@Suite struct `Polls that overran their window` {
  /// A halt of 200 µs whose thread was switched out 32 µs after its window of 50 µs: the poll took 80 µs
  /// and a way through the scheduler of 2 µs, or 50.1 µs and a slow way.
  private func counters(
    slow: Double, way: Nanoseconds = 2_000, abandoned: Double = 0, lasting: Double = 0,
    times: Int = 1
  ) -> KernelCounters {
    var overruns = Overruns()
    for _ in 0..<times { overruns.add(82_000, window: 50_000, block: 200_000) }
    var counters = KernelCounters()
    overruns.put(into: &counters, slow: slow, way: way, abandoned: abandoned, lasting: lasting)
    return counters
  }

  @Test func `polled until the switch where no way is slow`() {
    let found = counters(slow: 0)
    #expect((found.failedPollTime, found.waitTime) == (80_000, 120_000))
    // 80 µs and 120 µs lie in the bucket of 65,536 to 131,071 ns.
    #expect(counts(found.failedPollHistogram) == [17: 1])
    #expect(counts(found.waitHistogram) == [17: 1])
  }

  @Test func `polled for their window where all ways are`() {
    let found = counters(slow: 1)
    #expect((found.failedPollTime, found.waitTime) == (50_100, 149_900))
    #expect(counts(found.failedPollHistogram) == [16: 1])
    #expect(counts(found.waitHistogram) == [18: 1])
  }

  @Test func `are mixed by the share of slow ways`() {
    // A quarter of 50,100 and three quarters of 80,000.
    #expect(counters(slow: 0.25).failedPollTime == 72_525)
    #expect(counters(slow: 0.25, times: 4).failedPollTime == 290_100)
    #expect(counters(slow: 0.25, times: 4).waitTime == 509_900)
  }

  @Test func `were as often given up before as others, where the way was slow`() {
    // Half of 50,100, and half of 1,000.
    #expect(counters(slow: 1, abandoned: 0.5, lasting: 1_000).failedPollTime == 25_550)
    // No poll that is given up lasts longer than one that is not.
    #expect(counters(slow: 1, abandoned: 0.5, lasting: 90_000).failedPollTime == 50_100)
  }

  @Test func `lose a way as long as those of others`() {
    #expect(counters(slow: 0, way: 5_000).failedPollTime == 77_000)
  }

  @Test func `add up over vCPUs`() {
    var one = Overruns()
    one.add(82_000, window: 50_000, block: 200_000)
    var other = Overruns()
    other.add(40_000, window: 10_000, block: 60_000)
    var both = one
    both.merge(other)
    both.merge(Overruns())
    var counters = KernelCounters()
    both.put(into: &counters, slow: 0, way: 2_000, abandoned: 0, lasting: 0)
    #expect(both.count == 2)
    #expect((counters.failedPollTime, counters.waitTime) == (118_000, 142_000))
  }
}

@Suite struct `Polls that nothing measured` {
  /// Halts of 300 µs and 50 µs under a window of 200 µs: at most 200 µs and 50 µs of polling.
  private func counters(measured: UInt64, share: Double) -> KernelCounters {
    var polls = UnmeasuredPolls()
    polls.add(block: 300_000, window: 200_000)
    polls.add(block: 50_000, window: 200_000)
    var counters = KernelCounters()
    // What was measured: 1 µs each.
    counters.failedPollHistogram.add(1_000, times: 20)
    polls.put(into: &counters, measured: measured, share: share)
    return counters
  }

  @Test func `lasted all they could where fewer than 20 others tell`() {
    let found = counters(measured: 19, share: 0.4)
    #expect((found.failedPollTime, found.waitTime) == (250_000, 100_000))
    #expect(counts(found.failedPollHistogram) == [10: 20, 16: 1, 18: 1])
    #expect(counts(found.waitHistogram) == [0: 1, 17: 1])
  }

  @Test func `lasted the share that others did`() {
    let found = counters(measured: 20, share: 0.4)
    #expect((found.failedPollTime, found.waitTime) == (100_000, 250_000))
    #expect(counts(found.failedPollHistogram) == [10: 22])
    // Hardly polled: they waited from the begin on.
    #expect(counts(found.waitHistogram) == [16: 1, 19: 1])
  }

  @Test func `waited for the rest where others polled most of what they could`() {
    let found = counters(measured: 20, share: 0.6)
    #expect((found.failedPollTime, found.waitTime) == (150_000, 200_000))
    #expect(counts(found.waitHistogram) == [0: 1, 17: 1])
  }

  @Test func `leave nothing where there are none`() {
    var counters = KernelCounters()
    UnmeasuredPolls().put(into: &counters, measured: 100, share: 0.5)
    #expect(counters == KernelCounters())
  }
}
