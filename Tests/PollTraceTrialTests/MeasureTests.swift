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
    #expect(measure.outcome.latency == 60 * GuestCPURecord.assumedLatency)
    #expect(measure.pollShare == 0.0005)
    #expect(!measure.hitsAreExact)
  }

  /// `halts` halts of 100 µs each, of which the first `woken` are ended by another CPU's interrupt after 80 µs.
  private func track(halts: UInt64, woken: UInt64) throws -> GuestCPUTrack {
    var events: [Event] = []
    func add(_ time: UInt64, on cpu: CPU, _ kind: Event.Kind) {
      events.append(Event(time: Timestamp(time), cpu: cpu, thread: .idle, kind: kind))
    }
    for number in 0..<halts {
      let begin = number * 200_000
      add(begin, on: CPU(1), .idleEntered(state: 1))
      if number < woken { add(begin + 80_000, on: CPU(1), .interrupted(target: CPU(1))) }
      add(begin + 100_000, on: CPU(1), .idleLeft(hasWork: true))
    }
    add(halts * 200_000, on: CPU(1), .idleEntered(state: 1))
    var cpus = GuestCPUs(GuestScope(settings: .init()))
    cpus.take([events])
    return try #require(cpus.harvest(at: Timestamp(halts * 200_000)).first)
  }

  @Test(arguments: [(100, 100), (100, 30), (100, 10), (100, 0)])
  func `of a guest's recording has the latency that interrupts show, and assumes the rest`(
    halts: Int, woken: Int
  ) throws {
    let track = try track(halts: UInt64(halts), woken: UInt64(woken))
    var usual = UsualLatencies()
    usual.add([track])
    let measure = BlockMeasure([track], usual, length: 20_000_000, cpus: 2)
    #expect(measure.outcome.halts == 100)
    #expect(measure.latencies?.count == UInt64(woken))
    #expect(measure.latencyIsMeasured == (woken >= 50))
    // Fewer than 20 do not say how late the others are.
    let other = woken < 20 ? Int(GuestCPURecord.assumedLatency) : 20_000
    let sum = 20_000 * woken + other * (halts - woken)
    #expect(abs(Int(measure.outcome.latency) - sum) <= sum / 64)
    #expect(measure.cost(.balanced) != nil)
    #expect((measure.latency(.p99) == nil) == (woken < 50))
  }

  @Test func `of a guest's recording takes no halt to be later than it is long`() throws {
    let track = try track(halts: 40, woken: 0)
    var usual = UsualLatencies()
    // As late as two halts.
    let late = try self.late(by: 200_000)
    usual.add([late])
    let measure = BlockMeasure([track], usual, length: 8_000_000, cpus: 1)
    #expect(abs(measure.outcome.latency - 40 * 90_000) <= 40 * 90_000 / 32)
  }

  /// Halts that end so long after the interrupt.
  private func late(by latency: UInt64) throws -> GuestCPUTrack {
    var events: [Event] = []
    for number in 0..<30 as Range<UInt64> {
      let begin = number * 1_000_000
      for (time, kind) in [
        (begin, .idleEntered(state: 1)), (begin + 1_000, .interrupted(target: CPU(1))),
        (begin + 1_000 + latency, .idleLeft(hasWork: true)),
      ] as [(UInt64, Event.Kind)] {
        events.append(Event(time: Timestamp(time), cpu: CPU(1), thread: .idle, kind: kind))
      }
    }
    var cpus = GuestCPUs(GuestScope(settings: .init()))
    cpus.take([events])
    return try #require(cpus.harvest(at: Timestamp(30_000_000)).first)
  }

  @Test func `takes in CPUs that are only counted`() throws {
    let track = try track(halts: 100, woken: 100)
    var measure = BlockMeasure([track], UsualLatencies(), length: 20_000_000, cpus: 1)
    let counted = BlockMeasure(
      from: [CPU(0): CPUIdleCounts(polls: 0, pollTime: 0, halts: 0)],
      to: [CPU(0): CPUIdleCounts(polls: 0, pollTime: 0, halts: 50)], length: 20_000_000)
    measure.add(counted)
    #expect((measure.outcome.halts, measure.cpus, measure.hitsAreExact) == (150, 2, true))
    #expect(measure.latencyIsMeasured)
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
