package import PollTrace
package import PollTraceReplay

/// What was measured in one block, its first moment left out.
package struct BlockMeasure: Hashable, Sendable {
  /// Polls, halts and their wake-up latency, of all vCPUs.
  package var outcome = PollOutcome()
  /// Wake-up latencies of halts that slept; nil where only sums are known.
  package var latencies: Histogram?
  /// Whether the latency's sum is measured or, of a guest, assumed; false where it is not known at all.
  package var latencyIsKnown = true
  /// Whether most halts that slept show their latency: else it says nothing of a limit.
  package var latencyIsMeasured = true
  /// Whether the count of successful polls is exact: else there were at least so many.
  package var hitsAreExact = true
  /// Since when it was measured, on the clock of the trial; nil: since its source was told so.
  package var begin: Timestamp?
  /// How long was measured.
  package var length: Nanoseconds
  /// On how many CPUs or vCPUs.
  package var cpus: Int
  /// Events that were lost meanwhile: then the block is not compared.
  package var lost: UInt64 = 0
  /// Whether what was polled is still the setting's before: then the block is not compared.
  package var isCarriedOver = false
  /// Share of the time in which some task waited for a CPU (PSI, /proc/pressure/cpu, `some`); nil where unknown.
  package var pressure: Double?
  /// Share of the CPUs' time that a hypervisor gave to others (/proc/stat, `steal`); nil where unknown.
  package var steal: Double?

  package init(length: Nanoseconds, cpus: Int) { (self.length, self.cpus) = (length, cpus) }

  /// Share of a CPU that polling took, a CPU or vCPU.
  package var pollShare: Double {
    outcome.pollShare(of: Double(length.rawValue) * Double(max(1, cpus)))
  }

  /// Halts a second.
  package var rate: Double {
    length > 0 ? Double(outcome.halts) / Double(length.rawValue) * 1e9 : 0
  }

  /// The cost of a halt in ns of CPU; nil without halts, where it is not known, or where they cost nothing.
  ///
  /// A halt's, not a second's: load that comes and goes is no merit of the setting.
  package func cost(_ objective: Objective) -> Double? {
    let cost = objective.cost(outcome)
    guard lost == 0, !isCarriedOver, latencyIsKnown, outcome.halts > 0, cost > 0 else { return nil }
    return cost / Double(outcome.halts)
  }

  /// Whether its latency is the setting's, and measured.
  package var showsLatency: Bool { lost == 0 && !isCarriedOver && latencyIsMeasured }

  /// The wake-up latency that `statistic` names, in ns, of all halts: one that a poll met waits for nothing.
  ///
  /// Nil where it was not measured.
  package func latency(_ statistic: WakeLatencyLimit.Statistic) -> Double? {
    guard outcome.halts > 0, latencyIsKnown else { return nil }
    guard let share = statistic.share else { return outcome.meanLatency }
    let polled = min(outcome.hitRate, 1)
    if share <= polled { return 0 }
    guard latencyIsMeasured else { return nil }
    return latencies?.quantile((share - polled) / (1 - polled)).map { Double($0) }
  }
}

extension BlockMeasure {
  /// What came of `tracks`, which were followed for `length` as those of `cpus` vCPUs.
  ///
  /// Halts that slept and whose waking was not recorded count as late as those of their vCPU whose was, or of all
  /// vCPUs where it has none. Where most are of that kind, latency is not known.
  package init(_ tracks: [VCPUTrack], length: Nanoseconds, cpus: Int) {
    self.init(length: length, cpus: cpus)
    var latencies = Histogram()
    for track in tracks { latencies.merge(track.measures.wakeLatency) }
    var slept: UInt64 = 0
    for track in tracks where track.measures.halts > 0 {
      let measures = track.measures
      let counters = track.account.kernelCounters
      var part = PollOutcome()
      part.halts = Int64(clamping: measures.halts)
      part.attempted = Int64(clamping: counters.attemptedPolls)
      part.successful = Int64(clamping: counters.successfulPolls)
      part.successTime = TimeOffset(counters.successfulPollTime).rawValue
      part.failTime = TimeOffset(counters.failedPollTime).rawValue
      let mean = measures.wakeLatency.mean ?? latencies.mean ?? 0
      part.latency = Int64(saturating: (mean * Double(measures.slept)).rounded())
      slept.add(measures.slept)
      outcome += part
    }
    latencyIsMeasured = latencies.count.times(2) >= slept
    latencyIsKnown = latencyIsMeasured
    self.latencies = latencies
  }

  /// What KVM counted in `rows`, whose latency nothing tells.
  package init(_ rows: [HaltCounters], length: Nanoseconds, cpus: Int) {
    self.init(length: length, cpus: cpus)
    (latencyIsKnown, latencyIsMeasured) = (false, false)
    for counters in rows {
      var part = PollOutcome()
      part.halts = Int64(clamping: counters[.exits] ?? counters.halts ?? 0)
      part.attempted = Int64(clamping: counters[.attemptedPolls] ?? 0)
      part.successful = Int64(clamping: counters[.successfulPolls] ?? 0)
      part.successTime = Int64(clamping: counters[.successfulPollTime] ?? 0)
      part.failTime = Int64(clamping: counters[.failedPollTime] ?? 0)
      outcome += part
    }
  }
}
