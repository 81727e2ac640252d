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
    // Making the wake events of an assumption takes longer than replaying them: once for all settings.
    let tasks = vcpus.indices.flatMap { vcpu in
      (vcpus[vcpu].replay?.assumptions ?? []).map { (vcpu: vcpu, assumption: $0) }
    }
    let bounded = Array(Set(bounded))
    let outcomes = Parallel.map(tasks.count, threads: threads) { task in
      vcpus[tasks[task].vcpu].outcomes(
        settings, tasks[task].assumption, bounded: bounded, weight: weight)
    }
    var found = Array(repeating: [Assumption: VCPUOutcomes](), count: vcpus.count)
    var bounds = [PollOutcome](repeating: .zero, count: bounded.count)
    for (task, outcomes) in zip(tasks, outcomes) {
      found[task.vcpu][task.assumption] = outcomes
      for (index, outcome) in outcomes.bounds.enumerated() { bounds[index] += outcome }
    }
    for vcpu in vcpus where vcpu.replay == nil {
      for index in bounds.indices { bounds[index] += vcpu.recorded }
    }
    let part = { (vcpu: Int, outcome: (VCPUOutcomes) -> VCPUOutcomes.Blocks?) in
      let blocks = found[vcpu].compactMapValues(outcome)
      return VCPUPrediction(
        vcpus[vcpu], blocks.mapValues(\.sums),
        latencies: VCPULatencies(vcpus[vcpu], blocks.mapValues(\.latencies)))
    }
    return HostPredictions(
      host: self,
      itself: vcpus.indices.map { part($0) { $0.itself } },
      current: vcpus.indices.map { vcpu in part(vcpu) { $0.under[vcpus[vcpu].parameters] } },
      parts: Set(settings).reduce(into: [:]) { parts, setting in
        parts[setting] = vcpus.indices.map { part($0) { $0.under[setting] } }
      },
      bounds: bounds, weight: weight)
  }
}

/// What came out for one vCPU under one assumption, in blocks of time.
private struct VCPUOutcomes: Sendable {
  /// By block of time.
  struct Blocks: Sendable {
    var sums: [PollOutcome] = []
    var latencies: [LatencyDistribution] = []
  }
  /// As it was recorded.
  var itself = Blocks()
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
    result.itself = result.under[parameters] ?? result.itself
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
