package import PollTrace
internal import PollTraceReplay

/// How late each CPU of a guest is after a halt, by all that a recording has shown until now.
///
/// The same for all settings of a trial, so that no setting gains by which of its halts show their latency.
package struct UsualLatencies: Sendable {
  private var measured: [CPU: Histogram] = [:]

  package init() {}

  /// Learns from what was recorded since the last time.
  package mutating func add(_ tracks: [GuestCPUTrack]) {
    for track in tracks {
      measured[track.cpu, default: Histogram()].merge(track.figures.wakeLatency)
    }
  }

  /// The median of `cpu` in ns, or what a replay assumes where too few of its halts show theirs.
  func latency(of cpu: CPU) -> Double {
    guard let latencies = measured[cpu], latencies.count >= UInt64(GuestCPURecord.leastLatencies),
      let median = latencies.quantile(0.5)
    else { return Double(GuestCPURecord.assumedLatency) }
    return Double(median)
  }
}

extension BlockMeasure {
  /// What was recorded of a guest's CPUs, which were followed for `length`; it has `cpus` CPUs.
  ///
  /// Halts that no other CPU's interrupt ended do not show their latency: they count as late as `usual` says, at most
  /// nine tenths of a halt, as in a replay.
  package init(
    _ tracks: [GuestCPUTrack], _ usual: UsualLatencies, length: Nanoseconds, cpus: Int
  ) {
    self.init(length: length, cpus: cpus)
    var latencies = Histogram()
    var (halted, carriedOver) = (0 as UInt64, 0 as UInt64)
    for track in tracks {
      let figures = track.figures
      var part = PollOutcome(figures)
      let unseen = Double(figures.halted.minus(figures.wakeLatency.count))
      part.latency = Int64(
        saturating: Double(figures.wakeLatency.sum)
          + unseen * figures.halt.mean(ofAtMost: usual.latency(of: track.cpu)))
      outcome += part
      latencies.merge(figures.wakeLatency)
      halted.add(figures.halted)
      carriedOver.add(figures.aboveMaximum)
    }
    isCarriedOver = Self.isMore(carriedOver, ofIdles: outcome.halts)
    latencyIsMeasured = latencies.count.times(2) >= halted
    self.latencies = latencies
  }

  /// Adds CPUs that were counted beside, as their idle tasks are not traced.
  package mutating func add(_ counted: BlockMeasure) {
    outcome += counted.outcome
    cpus += counted.cpus
    hitsAreExact = hitsAreExact && counted.outcome.attempted == 0
  }
}

extension Histogram {
  /// The mean of `length` ns over these halts, at most nine tenths of each; 0 where there is none.
  fileprivate func mean(ofAtMost length: Double) -> Double {
    guard count > 0 else { return 0 }
    let sum = buckets.reduce(0) { $0 + Double($1.count) * min(length, 0.9 * Double($1.middle)) }
    return sum / Double(count)
  }
}
