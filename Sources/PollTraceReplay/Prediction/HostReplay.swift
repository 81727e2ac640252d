package import PollTrace

/// What was recorded of some vCPUs, and what they would have done under other settings.
package struct HostReplay: Sendable {
  package let vcpus: [RecordedVCPU]
  /// The recorded time summed over vCPUs, in ns.
  package let time: Double
  let threads: Int

  /// `vcpus` of one or more recordings; work is done on `threads` threads.
  package init(_ vcpus: [RecordedVCPU], threads: Int) {
    self.vcpus = vcpus
    self.threads = threads
    time = vcpus.reduce(0) { $0 + $1.time }
  }

  /// What was recorded, all vCPUs together: counts as KVM counted.
  package var recorded: PollOutcome { vcpus.reduce(.zero) { $0 + $1.recorded } }

  /// The wake-up latencies that were recorded, all vCPUs together; nil where no halt was logged.
  package var recordedLatencies: WakeLatencies<Double>? {
    WakeLatencies(LatencyDistribution.sum(vcpus.map(\.latencies)), recorded)
  }

  /// Why the replay of any vCPU guesses when other tasks end polls; nil where none does.
  package var contentionGap: ContentionGap? {
    let gaps = Set(vcpus.compactMap(\.contentionGap))
    let fit = gaps.compactMap { if case .tooMany(let fit) = $0 { fit } else { nil } }.min()
    return fit.map { .tooMany(fit: $0) }
      ?? (gaps.contains(.notRecorded) ? .notRecorded : gaps.first)
  }

  /// The parameters in force at the end for the most vCPU time; those of VMs with ceilings of their
  /// own count where there are no others.
  package var parameters: PollParameters? {
    let reached = vcpus.filter { !$0.hasOwnCeiling }
    return Self.shares((reached.isEmpty ? vcpus : reached).map { ($0.parameters, $0.time) })
      .first?.parameters
  }

  /// The parameters that the vCPUs obeyed while they were recorded, with their shares of the vCPUs'
  /// time, the greatest first.
  package var recordedUnder: [(parameters: PollParameters, share: Double)] {
    Self.shares(vcpus.flatMap(\.settingsOverTime))
  }

  /// Whether any vCPU was recorded under other parameters than those at the end.
  package var settingsChanged: Bool {
    vcpus.contains { vcpu in
      vcpu.settingsOverTime.contains { $0.parameters != vcpu.parameters }
    }
  }

  private static func shares(
    _ times: [(parameters: PollParameters, time: Double)]
  ) -> [(parameters: PollParameters, share: Double)] {
    let whole = max(1, times.reduce(0) { $0 + $1.time })
    let sums = times.grouped(by: \.parameters).map { same in
      (parameters: same[0].parameters, share: same.reduce(0) { $0 + $1.time / whole })
    }
    // Of equal shares the first one's.
    return sums.enumerated().sorted {
      ($1.element.share, $0.offset) < ($0.element.share, $1.offset)
    }.map(\.element)
  }

  /// Every vCPU as it was recorded, under its parameters at the end, and under each of `settings`.
  ///
  /// `weight` is the latency weight. Of the `bounded` settings the offline optimum is found as well. A
  /// VM's own ceiling is not kept: the prediction is what the setting does where it applies.
  package func predict(
    _ settings: [PollParameters], weight: Double, bounded: [PollParameters] = []
  ) -> HostPredictions {
    let bounded = Array(Set(bounded))
    var bounds = [PollOutcome](repeating: .zero, count: bounded.count)
    var all: [VCPUPredictions] = []
    // What comes out takes more room than what is predicted from it: of some vCPUs at a time.
    for some in vcpus.groups(of: max(1, threads)) {
      // Making the wake events of an assumption takes longer than replaying them: once for all settings.
      let tasks = some.indices.flatMap { vcpu in
        (some[vcpu].replay?.assumptions ?? []).map { (vcpu: vcpu, assumption: $0) }
      }
      let outcomes = Parallel.map(tasks, threads: threads) {
        some[$0.vcpu].outcomes(settings, $0.assumption, bounded: bounded, weight: weight)
      }
      for outcome in outcomes {
        for (index, bound) in outcome.bounds.enumerated() { bounds[index] += bound }
      }
      all += Parallel.map(some.indices, threads: threads) { vcpu in
        let found = zip(tasks, outcomes).filter { $0.0.vcpu == vcpu }
          .map { ($0.0.assumption, $0.1) }
        return VCPUPredictions(some[vcpu], settings, Dictionary(found) { $1 })
      }
    }
    for vcpu in vcpus where vcpu.replay == nil {
      for index in bounds.indices { bounds[index] += vcpu.recorded }
    }
    return HostPredictions(
      host: self, itself: all.map(\.itself), current: all.map(\.current),
      parts: Set(settings).reduce(into: [:]) { parts, setting in
        parts[setting] = all.compactMap { $0.under[setting] }
      },
      bounds: bounds, weight: weight)
  }
}

/// What is predicted of one vCPU.
private struct VCPUPredictions: Sendable {
  let itself: VCPUPrediction
  let current: VCPUPrediction
  let under: [PollParameters: VCPUPrediction]

  /// `vcpu` under each of `settings`, of which `found` came out.
  init(
    _ vcpu: RecordedVCPU, _ settings: [PollParameters], _ found: [Assumption: VCPUOutcomes]
  ) {
    let prediction = { (outcome: (VCPUOutcomes) -> VCPUOutcomes.Blocks?) in
      let blocks = found.compactMapValues(outcome)
      return VCPUPrediction(
        vcpu, blocks.mapValues(\.sums),
        latencies: VCPULatencies(vcpu, blocks.mapValues(\.latencies)))
    }
    under = Set(settings).reduce(into: [:]) { under, setting in
      under[setting] = prediction { $0.under[setting] }
    }
    current = under[vcpu.parameters] ?? prediction { $0.under[vcpu.parameters] }
    itself = vcpu.settings.changes.count > 1 ? prediction(\.itself) : current
  }
}

/// What came out for one vCPU under one assumption, in blocks of time.
private struct VCPUOutcomes: Sendable {
  /// By block of time.
  struct Blocks: Sendable {
    var sums: [PollOutcome] = []
    var latencies: [LatencyDistribution] = []
  }
  /// As it was recorded; nil where its settings never changed.
  var itself: Blocks?
  var under: [PollParameters: Blocks] = [:]
  /// The offline optimum of each bounded setting, the whole time; only of one draw.
  var bounds: [PollOutcome] = []
}

extension RecordedVCPU {
  /// What each of `settings` makes of one assumption.
  fileprivate func outcomes(
    _ settings: [PollParameters], _ assumption: Assumption, bounded: [PollParameters],
    weight: Double
  ) -> VCPUOutcomes {
    guard let replay else { return VCPUOutcomes() }
    let schedule = replay.schedule(assumption)
    let blocks = Assumption.predicting.contains(assumption) ? RecordingSpan.blocks : 1
    let all = Array(Set(settings + [parameters]))
    let scaled = { (blocks: [PollOutcome]) in blocks.map { $0.scaled(by: self.weight) } }
    var result = VCPUOutcomes()
    let found = ScheduleLanes(schedule)
      .watch(all, replay.rules, blocks: blocks, weight: self.weight)
    for (setting, found) in zip(all, found) {
      result.under[setting] = VCPUOutcomes.Blocks(
        sums: scaled(found.outcomes),
        // Errors are taken from one draw: what chance decides is a small part of them.
        latencies: assumption == Assumption.predicting[0]
          ? found.latencies : [LatencyDistribution.sum(found.latencies)])
    }
    if self.settings.changes.count > 1 {
      var latencies = LatencyHistograms(blocks: blocks)
      let policy = KernelPolling(self.settings)
      let found = schedule.replay(policy, blocks: blocks, watch: &latencies)
      result.itself = VCPUOutcomes.Blocks(
        sums: scaled(found), latencies: latencies.distributions(weight: weight))
    }
    if assumption == Assumption.predicting[0], !bounded.isEmpty {
      result.bounds = ScheduleLanes(schedule, weight: weight)
        .replay(bounded, replay.rules, threads: 1).map { $0[0].scaled(by: self.weight) }
    }
    return result
  }
}
