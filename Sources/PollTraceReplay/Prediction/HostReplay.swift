package import PollTrace

/// What was recorded of some vCPUs, and what they would have done under other settings.
package struct HostReplay: Sendable {
  package let vcpus: [RecordedVCPU]
  /// The recorded time summed over vCPUs, in ns.
  package let time: Double
  private let threads: Int

  /// `vcpus` of one or more recordings; work is done on `threads` threads.
  package init(_ vcpus: [RecordedVCPU], threads: Int) {
    self.vcpus = vcpus
    self.threads = threads
    time = vcpus.reduce(0) { $0 + Double($1.figures.time?.rawValue ?? 0) }
  }

  /// What was recorded, all vCPUs together: counts as KVM counted.
  package var recorded: PollOutcome { vcpus.reduce(.zero) { $0 + $1.recorded } }

  /// What was recorded as a replay counts it: of logged halts, scaled.
  fileprivate static func logged(_ vcpus: [RecordedVCPU]) -> PollOutcome {
    vcpus.reduce(.zero) { $0 + $1.logged.scaled(by: $1.weight) }
  }

  /// The parameters that most vCPUs obeyed: the host's, where no VM has a ceiling of its own.
  package var parameters: PollParameters? {
    (vcpus.first { !$0.hasOwnCeiling } ?? vcpus.first)?.parameters
  }

  /// Every vCPU under its own recorded setting and under each of `settings`; `weight` is the price
  /// of a nanosecond of latency.
  ///
  /// A VM's own ceiling is not kept: the prediction is what the setting does where it applies.
  package func predict(_ settings: [PollParameters], weight: Double) -> HostPredictions {
    // Making the wake events of a scenario takes longer than replaying them: once for all settings.
    let tasks = vcpus.indices.flatMap { vcpu in
      (vcpus[vcpu].replay?.scenarios ?? []).map { (vcpu: vcpu, scenario: $0) }
    }
    let outcomes = Parallel.map(tasks.count, threads: threads) { task in
      let vcpu = vcpus[tasks[task].vcpu]
      return vcpu.outcomes(Set(settings + [vcpu.parameters]), tasks[task].scenario)
    }
    var found = Array(repeating: [Scenario: [PollParameters: [PollOutcome]]](), count: vcpus.count)
    for (task, outcomes) in zip(tasks, outcomes) { found[task.vcpu][task.scenario] = outcomes }
    let part = { (vcpu: Int, setting: PollParameters) in
      vcpus[vcpu].replay.map { VCPUPrediction($0, found[vcpu].compactMapValues { $0[setting] }) }
        ?? VCPUPrediction(recorded: vcpus[vcpu].logged)
    }
    return HostPredictions(
      host: self, itself: vcpus.indices.map { part($0, vcpus[$0].parameters) },
      parts: Set(settings).reduce(into: [:]) { parts, setting in
        parts[setting] = vcpus.indices.map { part($0, setting) }
      },
      weight: weight)
  }
}

/// What a host's vCPUs would have done under the recorded setting and under others.
package struct HostPredictions: Sendable {
  let host: HostReplay
  /// Each vCPU's replay of its own recorded setting: how well the model fits.
  let itself: [VCPUPrediction]
  /// Each vCPU under each setting that was asked for.
  let parts: [PollParameters: [VCPUPrediction]]
  let weight: Double

  /// All vCPUs under `setting`, which is one of those asked for.
  package func total(_ setting: PollParameters) -> Prediction {
    total(parts[setting] ?? [], under: setting)
  }

  /// All vCPUs, each under its own recorded setting; that of the host is `setting`.
  func recorded(_ setting: PollParameters) -> Prediction { total(itself, under: setting) }

  private func total(_ parts: [VCPUPrediction], under setting: PollParameters) -> Prediction {
    Prediction(
      parts, under: setting, itself: itself, recorded: HostReplay.logged(host.vcpus),
      time: host.time, weight: weight)
  }

  /// Each vCPU alone under `setting`.
  package func each(_ setting: PollParameters) -> [Prediction] {
    let parts = parts[setting] ?? []
    return parts.indices.map { index in
      Prediction(
        [parts[index]], under: setting, itself: [itself[index]],
        recorded: HostReplay.logged([host.vcpus[index]]),
        time: Double(host.vcpus[index].figures.time?.rawValue ?? 0), weight: weight)
    }
  }
}

extension RecordedVCPU {
  /// What each of `settings` makes of one scenario, in blocks of time.
  fileprivate func outcomes(
    _ settings: Set<PollParameters>, _ scenario: Scenario
  ) -> [PollParameters: [PollOutcome]] {
    guard let replay else { return [:] }
    let schedule = replay.schedule(scenario)
    return settings.reduce(into: [:]) { outcomes, setting in
      outcomes[setting] = schedule.replay(setting, replay.rules, blocks: scenario.blocks)
        .map { $0.scaled(by: weight) }
    }
  }

  /// What was recorded, as KVM counts it; latency as measured, or as assumed where it was not.
  package var recorded: PollOutcome {
    let counters = figures.kernelCounters
    var outcome = PollOutcome()
    outcome.halts = Int64(clamping: figures.measures.halts)
    outcome.attempted = Int64(clamping: counters.attemptedPolls)
    outcome.successful = Int64(clamping: counters.successfulPolls)
    outcome.abandoned = Int64(clamping: figures.account.abandoned.count)
    outcome.successTime = Int64(clamping: counters.successfulPollTime.rawValue)
    outcome.failTime = Int64(clamping: counters.failedPollTime.rawValue)
    outcome.latency = logged.scaled(by: weight).latency
    return outcome
  }
}
