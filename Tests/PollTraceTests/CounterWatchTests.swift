import Testing

@testable import PollTrace

/// Counters made by hand.
private func counters(
  exits: UInt64 = 0, attempted: UInt64 = 0, successful: UInt64 = 0, ok: UInt64 = 0,
  failed: UInt64 = 0, waits: [Int: UInt64] = [:], failures: [Int: UInt64] = [:]
) -> HaltCounters {
  func histogram(_ buckets: [Int: UInt64]) -> LogHistogram? {
    LogHistogram(counts: (0..<32).map { buckets[$0] ?? 0 })
  }
  var counters = HaltCounters()
  counters[.exits] = exits
  counters[.attemptedPolls] = attempted
  counters[.successfulPolls] = successful
  counters[.successfulPollTime] = ok
  counters[.failedPollTime] = failed
  counters[.waits] = histogram(waits)
  counters[.failures] = histogram(failures)
  return counters
}

private func vm(
  _ number: Int, at time: UInt64, source: CountedVM.Source = .counters, _ vcpus: [HaltCounters]
) -> CountedVM {
  CountedVM(
    number: number, process: ProcessID(Int32(100 + number)), name: "vm\(number)", source: source,
    time: Timestamp(time),
    vcpus: source == .counters
      ? vcpus.enumerated().map {
        CountedVCPU(vcpu: UInt32($0.offset), thread: nil, counters: $0.element)
      } : [],
    vcpuCount: vcpus.count, counters: HaltCounters.sum(of: vcpus))
}

@Suite struct `Two samples of counters` {
  private let second: UInt64 = 1_000_000_000

  @Test func `make rates of what came in between`() throws {
    var watch = CounterWatch()
    let first = watch.take(
      CounterSample(
        time: Timestamp(0),
        vms: [vm(0, at: 0, [counters(exits: 10, successful: 1, ok: 5, waits: [3: 1])])]))
    #expect(first.rows.map(\.delta) == [nil])
    #expect(first.rows[0].haltRate == nil)
    let next = counters(
      exits: 1_010, successful: 301, ok: 500_000_005, failed: 250_000_000, waits: [3: 701])
    let frame = watch.take(
      CounterSample(time: Timestamp(2 * second), vms: [vm(0, at: 2 * second, [next, next])]))
    let row = frame.rows[0]
    #expect(row.haltRate == 500)
    #expect(row.successfulShare == 0.25)
    #expect(row.wastedShare == 0.125)
    #expect(row.polledShare == 0.3)
    #expect(row.wait(0.5) == .init(from: 4, to: 8))
    // A vCPU that was not there before, and sums that would have it in: no difference.
    #expect(frame.rows[1].delta == nil)
    #expect(frame.vms[0].total.delta == nil)
    #expect(frame.host.vms == 0)
  }

  @Test func `of another VM with the same process, or another source, are not compared`() {
    for (number, source) in [(1, CountedVM.Source.counters), (0, .debugfs)] {
      var watch = CounterWatch()
      _ = watch.take(CounterSample(time: Timestamp(0), vms: [vm(0, at: 0, [counters(exits: 10)])]))
      var other = vm(number, at: second, source: source, [counters(exits: 50)])
      other.process = ProcessID(100)
      let frame = watch.take(CounterSample(time: Timestamp(second), vms: [other]))
      #expect(frame.rows.map(\.delta) == [nil])
    }
  }

  @Test func `show a VM that ended in between up to its end`() {
    var watch = CounterWatch()
    _ = watch.take(CounterSample(time: Timestamp(0), vms: [vm(0, at: 0, [counters(exits: 10)])]))
    let frame = watch.take(
      CounterSample(
        time: Timestamp(second), vms: [], ended: [vm(0, at: second / 2, [counters(exits: 60)])]))
    #expect(frame.rows.isEmpty)
    #expect(frame.ended[0].vcpus[0].delta?[.exits] == 50)
    #expect(frame.ended[0].vcpus[0].haltRate == 100)
  }

  @Test func `add up to the host's sums, each VM over its own time`() {
    var watch = CounterWatch()
    _ = watch.take(
      CounterSample(
        time: Timestamp(0), vms: [vm(0, at: 0, [counters()]), vm(1, at: 0, [counters()])]))
    let frame = watch.take(
      CounterSample(
        time: Timestamp(second),
        vms: [
          vm(0, at: second, [counters(exits: 100, failed: second)]),
          vm(1, at: 2 * second, [counters(exits: 100, failed: second)]),
        ]))
    #expect(frame.host.halts == 150)
    #expect(frame.host.wastedShare == 1.5)
    #expect(frame.host.vms == 2)
  }
}

@Suite struct `Rows of counters` {
  private func row(_ name: String, exits: UInt64?, failed: UInt64) -> CounterRow {
    var delta = HaltCounters()
    delta[.exits] = exits
    delta[.failedPollTime] = failed
    return CounterRow(
      process: ProcessID(1), name: Untrusted(name), vcpu: 0, thread: nil, interval: 1_000,
      counters: delta, delta: delta, watched: nil, watchedFor: nil)
  }

  @Test func `are sorted by what is asked for, the unknown last`() {
    let rows = [
      row("b", exits: 5, failed: 1), row("a", exits: nil, failed: 1), row("c", exits: 9, failed: 0),
    ]
    func names(_ order: CounterOrder, _ isReversed: Bool = false) -> String {
      order.sorted(rows, isReversed: isReversed).map(\.name.terminal).joined()
    }
    #expect(names(.wasted) == "abc")
    #expect(names(.halts) == "cba")
    #expect(names(.halts, true) == "abc")
    #expect(names(.name) == "abc")
    #expect(names(.name, true) == "cba")
  }
}

@Suite struct `A pattern of counters` {
  private let parameters = PollParameters(ceiling: 200_000, grow: 2, growStart: 10_000, shrink: 2)
  private let time: Nanoseconds = 1_000_000_000

  @Test(
    arguments: [
      // Failed polls of 4 to 8 µs: no window is as short as that.
      (
        counters(attempted: 1_000, successful: 3, waits: [18: 997], failures: [13: 997]), .abandoned
      ),
      (counters(attempted: 1_000, successful: 3, waits: [18: 997], failures: [17: 997]), nil),
      // Waits of 262 to 524 µs, above a ceiling of 200 µs, and within that of its double.
      (counters(waits: [19: 900, 25: 100]), .justAboveCeiling),
      (counters(waits: [19: 100, 25: 900]), .neverOpen),
      (counters(waits: [12: 900, 25: 100]), .guestPolls),
      (counters(attempted: 900, successful: 900, ok: 600_000_000, waits: [12: 100]), .pollsThrough),
      (
        counters(
          attempted: 900, successful: 400, ok: 9, failed: 200_000_000, waits: [12: 500],
          failures: [18: 500]), .wasteful
      ),
      (counters(attempted: 90, successful: 90, ok: 600_000_000, waits: [12: 10]), nil),
    ] as [(HaltCounters, CounterPattern?)])
  func `is told from many halts, and from no few`(counted: HaltCounters, pattern: CounterPattern?) {
    #expect(CounterPattern(counted, in: time, parameters) == pattern)
  }

  @Test func `of a host that does not poll is none`() {
    let off = PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2)
    #expect(CounterPattern(counters(waits: [12: 900]), in: time, off) == nil)
  }
}
