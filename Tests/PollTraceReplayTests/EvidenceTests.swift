import Foundation
import PollTrace
import Testing

@testable import PollTraceReplay

/// A log of halts that end at `ends` and last `blocks`, all slept, with a latency of 30 µs.
private func log(_ halts: [(end: UInt64, block: UInt64)]) -> HaltLog {
  var tracks = HostTracks(
    scope: TrackScope(
      settings: PollSettings(
        rules: .newest,
        parameters: PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2))
    ).keeping(.log))
  var events: [Event] = []
  for halt in halts {
    events.append(
      Event(
        time: Timestamp(halt.end - 30_000), cpu: CPU(1), thread: ThreadID(7),
        kind: .waking(woken: ThreadID(1), target: CPU(0), context: .interrupt)))
    events.append(
      Event(
        time: Timestamp(halt.end), cpu: CPU(0), thread: ThreadID(1),
        kind: .wakeup(block: Nanoseconds(halt.block), ending: .slept, isValid: true)))
  }
  tracks.take(events.span)
  tracks.finish(at: Timestamp(halts.last?.end ?? 0))
  return tracks.tracks[0].log
}

@Suite struct `Hidden wake events` {
  @Test func `are not made up for a timer`() {
    let log = log((1...400).map { (end: UInt64($0) * 200_000, block: 190_000) })
    let halts = Observation(log, ceiling: 0, rules: .newest)
    let gaps = GapDensity.Gaps(halts)
    let density = GapDensity(gaps, grid: GapDensity.Grid(gaps))
    var random = SplitMix64(seed: 3)
    #expect(density.hiddenEvents(gaps, halts, &random).count < 8)
  }

  @Test func `are found where events come at random`() {
    // A Poisson stream with a mean gap of 98 µs; each sleep hides 60 µs of it.
    var random = SplitMix64(seed: 11)
    var time = 1_000_000.0
    var seen: [(end: UInt64, block: UInt64)] = []
    var began = time
    var hidden = 0
    for _ in 0..<6_000 {
      time += -98_000 * log(1 - random.uniform())
      if time < began {
        hidden += 1
        continue
      }
      let end = time + 30_000
      seen.append((UInt64(end), UInt64(end - began)))
      began = end + 30_000
    }
    let halts = Observation(log(seen), ceiling: 0, rules: .newest)
    let gaps = GapDensity.Gaps(halts)
    let density = GapDensity(gaps, grid: GapDensity.Grid(gaps))
    let found = density.hiddenEvents(gaps, halts, &random).count
    #expect(hidden > 1_000)
    // What never shows is only half determined: the fit errs on the side of fewer.
    #expect(Double(found) > 0.6 * Double(hidden), "\(found) of \(hidden)")
    #expect(Double(found) < 1.2 * Double(hidden), "\(found) of \(hidden)")
  }
}

@Suite struct `A log of halts` {
  @Test func `knows the window of every halt from the decisions around it`() throws {
    var log = HaltLog()
    func add(_ window: (old: UInt32, new: UInt32)?, _ at: UInt64) {
      var halt = Halt(woke: Timestamp(at), block: 5_000, ending: .slept)
      halt.decision = window.map { Decision(.grow, vcpu: 0, old: $0.old, new: $0.new) }
      log.add(halt)
    }
    add(nil, 1_000)
    add((10_000, 20_000), 2_000)
    add(nil, 3_000)
    log.breakOff()
    add(nil, 4_000)
    add((40_000, 80_000), 5_000)
    add(nil, 6_000)
    #expect(
      log.windows(ceiling: 50_000, rules: .newest) == [
        10_000, 10_000, 20_000, 40_000, 40_000, 50_000,
      ])
    #expect(log.stretches == [0..<3, 3..<6])
  }
}
