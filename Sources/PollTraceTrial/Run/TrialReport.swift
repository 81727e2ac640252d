package import PollTrace
package import PollTraceReplay

/// What a trial has found, for renderers.
package struct TrialReport: Hashable, Sendable {
  /// A parameter's name in the kernel and its value.
  package struct Parameter: Hashable, Sendable {
    package var name: String
    package var value: UInt32
    package init(_ name: String, _ value: UInt32) { (self.name, self.value) = (name, value) }
  }

  /// A setting that was tried.
  package struct Setting: Hashable, Sendable {
    /// As `polltrace apply` takes it.
    package var list: String
    package var parameters: [Parameter]
    /// What the replay of a trace says of its cost, against the current setting's.
    package var predicted: Predicted?
    package init(list: String, parameters: [Parameter], predicted: Predicted? = nil) {
      (self.list, self.parameters, self.predicted) = (list, parameters, predicted)
    }
  }

  package struct Predicted: Hashable, Sendable {
    package var ratio: Double
    package var range: ClosedRange<Double>
    package init(ratio: Double, range: ClosedRange<Double>) {
      (self.ratio, self.range) = (ratio, range)
    }
  }

  /// A VM that has shown a ceiling of its own, which the setting's does not reach.
  package struct UnreachedVM: Hashable, Sendable {
    package var vm: Untrusted
    /// In ns.
    package var ceiling: UInt32
    package init(_ vm: Untrusted, ceiling: UInt32) { (self.vm, self.ceiling) = (vm, ceiling) }
  }

  /// Why it ended.
  package enum End: Hashable, Sendable {
    /// All of what was planned was measured, or all candidates were harmful.
    case planned
    /// A sentence.
    case early(Untrusted)
  }

  /// What is set now.
  package enum Outcome: String, Hashable, Sendable {
    case kept
    case restored
    case rolledBack = "rolled back"
    case undecided
  }

  /// `host` or `guest`.
  package var target: String
  package var objective: Objective
  package var limit: WakeLatencyLimit?
  package var design: TrialDesign
  /// The current setting, then the candidates.
  package var settings: [Setting]
  package var blocks: [TrialBlock]
  package var effects: [TrialEffect]
  package var verdict: TrialVerdict
  package var end: End
  /// Whether the user wants a better setting kept, and whether it was.
  package var keeps: Bool
  package var isKept: Bool
  /// Whether the values of before hold again, but for what was left alone.
  package var isRestored: Bool
  /// Parameters that somebody else has set.
  package var leftAlone: [String]
  /// VMs whose halts count although they keep a ceiling of their own.
  package var unreached: [UnreachedVM] = []
  /// Sentences; what was left alone, or could not be restored, among them.
  package var notes: [String]
  package init(
    target: String, objective: Objective, limit: WakeLatencyLimit?, settings: [Setting],
    _ session: TrialSession, end: End
  ) {
    (self.target, self.objective, self.limit) = (target, objective, limit)
    (self.settings, self.end) = (settings, end)
    design = session.design
    blocks = session.blocks
    effects = session.judge.effects
    verdict = session.verdict
    (keeps, isKept, isRestored) = (false, false, false)
    (leftAlone, notes) = ([], [])
  }
}

extension TrialReport {
  /// What wake-up latencies rest on.
  package enum LatencySource: String, Hashable, Sendable {
    case measured
    /// Of some halts they are measured, and the others count as late as those.
    case inPart = "measured in part"
    case assumed
  }

  package var latencySource: LatencySource {
    if !isGuests || blocks.allSatisfy(\.measure.latencyIsMeasured) { return .measured }
    return measuredLatencies > 0 ? .inPart : .assumed
  }

  /// Whether it was of a guest's own polling.
  package var isGuests: Bool { target == "guest" }
  /// Whether a recording tells, not counts alone.
  package var isRecorded: Bool { blocks.contains { $0.measure.latencies != nil } }

  /// Halts that slept, and how many of them show their latency.
  package var slept: UInt64 {
    blocks.reduce(0) {
      $0.plus(UInt64(clamping: $1.measure.outcome.halts - $1.measure.outcome.successful))
    }
  }
  package var measuredLatencies: UInt64 {
    blocks.reduce(0) { $0.plus($1.measure.latencies?.count ?? 0) }
  }

  package var outcome: Outcome {
    if isKept { return .kept }
    if end == .planned {
      switch verdict {
      case .harmful: return .rolledBack
      case .undecided: return .undecided
      case .better, .indifferent: return .restored
      }
    }
    return .restored
  }

  /// The sums of the blocks of `setting`, by the first source or the second.
  package func sum(
    of setting: Int, _ source: (TrialBlock) -> BlockMeasure? = { $0.measure }
  ) -> BlockMeasure? {
    let measures = blocks.filter { $0.setting == setting }.compactMap(source)
    guard var sum = measures.first else { return nil }
    for measure in measures.dropFirst() { sum.merge(measure) }
    return sum
  }

  /// Candidates that were shown to do harm, and how.
  package var harms: [(setting: Int, harm: TrialHarm)] {
    effects.compactMap { effect in effect.harm.map { (effect.setting, $0) } }
  }
}

extension BlockMeasure {
  /// Adds another block's.
  mutating func merge(_ other: BlockMeasure) {
    // Shares of time weigh as long as they were measured for.
    let (here, there) = (Double(length.rawValue), Double(other.length.rawValue))
    func mean(_ one: Double?, _ another: Double?) -> Double? {
      guard let one, let another else { return nil }
      return here + there > 0 ? (one * here + another * there) / (here + there) : nil
    }
    pressure = mean(pressure, other.pressure)
    steal = mean(steal, other.steal)
    outcome += other.outcome
    if let more = other.latencies {
      latencies?.merge(more)
    } else {
      latencies = nil
    }
    latencyIsKnown = latencyIsKnown && other.latencyIsKnown
    latencyIsMeasured = latencyIsMeasured && other.latencyIsMeasured
    hitsAreExact = hitsAreExact && other.hitsAreExact
    length += other.length
    cpus = max(cpus, other.cpus)
    lost.add(other.lost)
  }
}
