package import PollTrace
package import PollTraceReplay

/// What was measured in one block, its first moment left out.
package struct BlockMeasure: Hashable, Sendable {
  /// Polls, halts and their wake-up latency, of all vCPUs.
  package var outcome = PollOutcome()
  /// Wake-up latencies one by one; nil where only sums are known.
  package var latencies: Histogram?
  /// How long was measured.
  package var length: Nanoseconds
  /// On how many CPUs or vCPUs.
  package var cpus: Int
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

  /// The cost of a halt in ns of CPU; nil without halts, or where they cost nothing.
  ///
  /// A halt's, not a second's: load that comes and goes is no merit of the setting.
  package func cost(_ objective: Objective) -> Double? {
    let cost = objective.cost(outcome)
    return outcome.halts > 0 && cost > 0 ? cost / Double(outcome.halts) : nil
  }
}

/// A block of a trial.
package struct TrialBlock: Hashable, Sendable {
  package var round: Int
  /// 0 for the current setting, 1… for the candidates.
  package var setting: Int
  /// From here on it is measured, on the clock of the trial.
  package var begin: Timestamp
  package var measure: BlockMeasure
  /// The same by another source, to be shown beside it.
  package var counted: BlockMeasure?

  package init(round: Int, setting: Int, begin: Timestamp, measure: BlockMeasure) {
    (self.round, self.setting, self.begin, self.measure) = (round, setting, begin, measure)
  }
}
