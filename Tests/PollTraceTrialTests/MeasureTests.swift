import PollTrace
import PollTraceReplay
import PollTraceTrial
import Testing

@Suite struct `A block's measure` {
  /// 90 of 100 halts were polled; the others were 1 to 10 µs late.
  private var measure: BlockMeasure {
    var measure = BlockMeasure(length: 1_000_000_000, cpus: 2)
    measure.outcome.halts = 100
    measure.outcome.successful = 90
    measure.outcome.latency = 55_000
    var latencies = Histogram()
    for late in 1...10 { latencies.add(Nanoseconds(UInt64(late) * 1_000)) }
    measure.latencies = latencies
    return measure
  }

  @Test func `counts halts that a poll met as not late`() throws {
    #expect(measure.latency(.mean) == 550)
    #expect(measure.latency(.p50) == 0)
    // The 99th of 100 is the 9th of the 10 that slept.
    let late = try #require(measure.latency(.p99))
    #expect(abs(late - 9_000) <= 9_000 / 64)
  }

  @Test func `has no cost where latency is not known, or events were lost`() {
    var counted = measure
    counted.latencyIsKnown = false
    #expect(counted.cost(.balanced) == nil)
    #expect(counted.latency(.mean) == nil)
    var lossy = measure
    lossy.lost = 3
    #expect(lossy.cost(.balanced) == nil)
    #expect(measure.cost(.balanced) == 2_200)
  }

  @Test func `of a guest counts polls that met their event from below`() {
    let before = [
      CPU(0): CPUIdleCounts(polls: 10, pollTime: 100, halts: 5),
      CPU(1): CPUIdleCounts(polls: 0, pollTime: 0, halts: 0),
    ]
    let after = [
      CPU(0): CPUIdleCounts(polls: 110, pollTime: 1_100, halts: 25),
      CPU(1): CPUIdleCounts(polls: 0, pollTime: 0, halts: 40),
    ]
    let measure = BlockMeasure(from: before, to: after, length: 1_000_000_000)
    #expect(measure.outcome.halts == 140)
    #expect(measure.outcome.successful == 80)
    #expect(measure.outcome.pollTime == 1_000_000)
    #expect(measure.outcome.latency == 60 * BlockMeasure.assumedLatency)
    #expect(measure.pollShare == 0.0005)
    #expect(!measure.hitsAreExact)
  }

  @Test func `of a guest is not compared where it polls on under a maximum of 0`() {
    var measure = BlockMeasure(length: 1_000_000_000, cpus: 1)
    (measure.outcome.halts, measure.outcome.attempted) = (100, 3)
    measure.outcome.latency = 3_000_000
    #expect(measure.pollsStill(under: 0))
    #expect(!measure.pollsStill(under: 1_000))
    measure.outcome.attempted = 2
    #expect(!measure.pollsStill(under: 0))
    measure.isCarriedOver = true
    #expect(measure.cost(.balanced) == nil)
  }
}
