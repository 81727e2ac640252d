import PollTrace
import Testing

@testable import PollTraceReplay

/// A distribution of `counts` halts of each of `latencies` ns.
private func distribution(_ counts: [(latency: UInt64, count: UInt32)]) -> LatencyDistribution {
  var histogram = Histogram()
  for (latency, count) in counts { histogram.add(Nanoseconds(latency), times: count) }
  return LatencyDistribution(histogram)
}

@Suite struct `A distribution of latencies` {
  @Test func `has quantiles within a 64th of the true ones`() throws {
    var random = SplitMix64(seed: 5)
    for size in [1, 2, 10, 1_000, 20_000] {
      // Over six decades.
      let values = (0..<size).map { _ in
        UInt64(random.index(below: 1_000) + 1) << UInt64(random.index(below: 20))
      }.sorted()
      let latencies = distribution(values.map { ($0, 1) })
      #expect(latencies.count == Double(size))
      for share in [0.001, 0.25, 0.5, 0.9, 0.99, 0.999] {
        let rank = max(1, Int((share * Double(size)).rounded(.up)))
        let true_ = Double(values[rank - 1])
        let found = try #require(latencies.quantile(share))
        #expect(abs(found - true_) <= true_ / 64 + 1, "\(share) of \(size)")
      }
    }
  }

  @Test func `is the same whether its parts are put together or not`() {
    var random = SplitMix64(seed: 8)
    let values = (0..<500).map { _ in
      (latency: UInt64(random.index(below: 100_000)), count: 1 as UInt32)
    }
    let whole = distribution(values)
    let parts = stride(from: 0, to: 500, by: 37).map {
      distribution(Array(values[$0..<min($0 + 37, 500)]))
    }
    #expect(LatencyDistribution.sum(parts) == whole)
    #expect(LatencyDistribution.sum(parts.reversed()) == whole)
    #expect(LatencyDistribution.sum([]) == LatencyDistribution())
    #expect(LatencyDistribution() + whole == whole)
    #expect(whole.scaled(by: 4).quantile(0.9) == whole.quantile(0.9))
    #expect(whole.scaled(by: 4).count == 2_000)
  }

  @Test func `counts what lies above, and knows no bound for all`() {
    let latencies = distribution([(300, 90), (30_000, 9), (60_000, 1)])
    #expect(latencies.count(above: 1_000) == 10)
    #expect(latencies.count(above: 40_000) == 1)
    #expect(latencies.count(above: 100_000) == 0)
    #expect(latencies.quantile(1) == .infinity)
    #expect(latencies.quantile(-1) == latencies.quantile(0.5))
    #expect(LatencyDistribution().quantile(0.5) == nil)
  }
}

@Suite struct `Latencies one by one` {
  @Test(arguments: ["exponential", "bursty", "small-ceiling"])
  func `add up to what is counted, in vectors and in plain Swift`(name: String) throws {
    for vcpu in try Recording.reached(of: name) {
      let replay = try #require(vcpu.replay)
      var schedule = replay.schedule(.choosing)
      schedule.limit = 20_000
      let settings = PollGrid.standard.settings.enumerated()
        .filter { $0.offset.isMultiple(of: 611) }.map(\.element)
      let fast = ScheduleLanes(schedule).watch(settings, replay.rules, blocks: 20, weight: 1)
      for (setting, found) in zip(settings, fast) {
        var seen = LatencyHistograms(blocks: 20)
        let slow = schedule.replay(
          KernelPolling(parameters: setting, rules: replay.rules), blocks: 20, watch: &seen)
        #expect(found.outcomes == slow)
        #expect(found.latencies == seen.distributions(weight: 1))
        let all = LatencyDistribution.sum(found.latencies)
        let outcome = slow.reduce(PollOutcome.zero, +)
        #expect(all.count == Double(outcome.halts))
        // 20 µs lie inside a bucket, 1/32 wide.
        #expect(all.count(above: 20_600) <= Double(outcome.late))
        #expect(Double(outcome.late) <= all.count(above: 19_400))
      }
    }
  }

  @Test func `of a recorded setting are those that were recorded`() throws {
    for name in ["exponential", "bimodal", "request", "off"] {
      let host = HostReplay(try Recording.reached(of: name), threads: 2)
      let setting = try #require(host.parameters)
      let predicted = try #require(host.predict([setting], weight: 4).total(setting).wakeLatency)
      let recorded = try #require(host.recordedLatencies)
      for statistic in WakeLatencyLimit.Statistic.allCases {
        let range = predicted[statistic].range
        #expect(range.contains(recorded[statistic]), "\(name) \(statistic)")
        #expect(range.contains(predicted[statistic].value))
      }
      #expect(recorded.p50 <= recorded.p99 && recorded.p99 <= recorded.p999)
    }
  }

  @Test func `fall where a window is open for longer than any wait`() throws {
    let host = HostReplay([InventedVCPU().recorded()], threads: 2)
    let off = PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2)
    let wide = PollParameters(
      ceiling: 4_000_000, grow: 2, growStart: 4_000_000, shrink: 1)
    let predictions = host.predict([off, wide], weight: 4)
    let asleep = try #require(predictions.total(off).wakeLatency)
    let polling = try #require(predictions.total(wide).wakeLatency)
    // Slept halts are seen after 30 µs, polled ones after 0.3.
    #expect(abs(asleep.p50.value - 30_000) <= 30_000 / 64)
    #expect(abs(asleep.p999.value - 30_000) <= 30_000 / 64)
    #expect(abs(polling.p999.value - 300) <= 300 / 64)
  }

  @Test func `have no upper bound where few halts lie beyond`() throws {
    // 700 halts show no p99.9: what one in a thousand exceeds may never have happened.
    var few = InventedVCPU()
    few.span = RecordingSpan(until: 140_000_000)
    let host = HostReplay([few.recorded()], threads: 1)
    let setting = few.settings.parameters(at: Timestamp(0))
    let latency = try #require(host.predict([setting], weight: 4).total(setting).wakeLatency)
    #expect(latency.p999.range.upperBound == .infinity)
    #expect(latency.p50.range.upperBound < .infinity)
  }
}
