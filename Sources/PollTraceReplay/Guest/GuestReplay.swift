package import PollTrace

/// What was recorded of a guest's CPUs, and what they would have done under other settings.
package struct GuestReplay: Sendable {
  package let cpus: [GuestCPURecord]
  /// The recorded time summed over CPUs, in ns.
  package let time: Double
  private let threads: Int

  /// `cpus` of one or more recordings; nil where there is none.
  package init?(_ cpus: [GuestCPURecord], threads: Int) {
    guard !cpus.isEmpty else { return nil }
    (self.cpus, self.threads) = (cpus, threads)
    time = cpus.reduce(0) { $0 + $1.time }
  }

  package var recorded: PollOutcome { cpus.reduce(.zero) { $0 + $1.recorded } }
  /// The parameters at the end of the first recording, and its rules.
  package var parameters: GuestPollLimit.Parameters { cpus[0].parameters }
  package var rules: GuestRules { cpus[0].settings.rules }
  /// Whether the parameters changed while recording.
  package var settingsChanged: Bool {
    cpus.contains { $0.settings.changes.count > 1 || $0.parameters != parameters }
  }

  /// Every CPU as it was recorded, and under each of `settings`.
  package func predict(
    _ settings: [GuestPollLimit.Parameters], weight: Double
  ) -> GuestPredictions {
    let all = Array(Set(settings))
    let parts = parts(all.count + 1) { cpu in
      [GuestHaltPoll(cpu.settings, overrun: cpu.overrun)]
        + all.map { GuestHaltPoll($0, cpu.settings.rules, overrun: cpu.overrun) }
    }
    return GuestPredictions(
      guest: self, itself: parts[0],
      parts: Dictionary(uniqueKeysWithValues: zip(all, parts.dropFirst())), weight: weight)
  }

  /// The CPUs with their own polling off and the host's under `host`, which obeys `rules`.
  package func predict(
    host: PollParameters, _ rules: PollRules, weight: Double
  ) -> Prediction {
    let predicted = parts(1) { _ in [KernelPolling(parameters: host, rules: rules)] }
    let itself = parts(1) { [GuestHaltPoll($0.settings, overrun: $0.overrun)] }
    return Prediction(
      predicted[0], under: host, itself: itself[0],
      recorded: cpus.reduce(.zero) { $0 + $1.logged.reduce(.zero, +) }, time: time, weight: weight)
  }

  /// What each of `count` policies, which `policies` gives, makes of each CPU.
  private func parts<Policy: PollPolicy & SendableMetatype>(
    _ count: Int, _ policies: @Sendable (GuestCPURecord) -> [Policy]
  ) -> [[VCPUPrediction]] {
    let tasks = cpus.indices.flatMap { cpu in
      (cpus[cpu].replay?.assumptions ?? []).map { (cpu: cpu, assumption: $0) }
    }
    let outcomes = Parallel.map(tasks.count, threads: threads) { task in
      let (cpu, assumption) = (cpus[tasks[task].cpu], tasks[task].assumption)
      return cpu.outcomes(policies(cpu), assumption, blocks: RecordingSpan.blocks)
    }
    return (0..<count).map { policy in
      var found = Array(repeating: [Assumption: [PollOutcome]](), count: cpus.count)
      for (task, outcomes) in zip(tasks, outcomes) {
        found[task.cpu][task.assumption] = outcomes[policy]
      }
      return cpus.indices.map { cpus[$0].prediction(found[$0]) }
    }
  }

  /// What each of `settings` would have done in each half of the time, by what is most likely.
  func halves(_ settings: [GuestPollLimit.Parameters]) -> [[PollOutcome]] {
    let each = Parallel.map(cpus, threads: threads) { cpu in
      cpu.outcomes(
        settings.map { GuestHaltPoll($0, cpu.settings.rules, overrun: cpu.overrun) }, .choosing,
        blocks: 2)
    }
    return settings.indices.map { setting in
      (0..<2).map { half in each.reduce(.zero) { $0 + $1[setting][half] } }
    }
  }
}

extension GuestCPURecord {
  /// What each of `policies` makes of one assumption; as recorded where nothing can be replayed.
  fileprivate func outcomes<Policy: PollPolicy>(
    _ policies: [Policy], _ assumption: Assumption, blocks: Int
  ) -> [[PollOutcome]] {
    guard let schedule = replay?.schedule(assumption) else {
      let length = max(1, logged.count / blocks)
      let recorded = (0..<blocks).map { block in
        logged.dropFirst(block * length).prefix(length).reduce(PollOutcome.zero, +)
      }
      return policies.map { _ in recorded }
    }
    return policies.map {
      schedule.replay($0, blocks: blocks).map { $0.scaled(by: weight) }
    }
  }

  fileprivate func prediction(_ outcomes: [Assumption: [PollOutcome]]) -> VCPUPrediction {
    guard let replay else { return VCPUPrediction(trace: span.number, blocks: logged) }
    let sums = { (assumptions: [Assumption]) in
      assumptions.reduce(into: [:]) { $0[$1] = (outcomes[$1] ?? []).reduce(.zero, +) }
    }
    let draws = Assumption.predicting.map { outcomes[$0] ?? [] }
    let blocks = draws.dropFirst().reduce(draws[0]) { zip($0, $1).map(+) }
      .map { $0.scaled(by: 1 / Double(draws.count)) }
    return VCPUPrediction(
      trace: span.number, blocks: blocks, bounds: sums(replay.bounds),
      placements: sums(replay.placements))
  }
}

/// What a guest's CPUs would have done as they were recorded, and under other settings.
package struct GuestPredictions: Sendable {
  let guest: GuestReplay
  let itself: [VCPUPrediction]
  let parts: [GuestPollLimit.Parameters: [VCPUPrediction]]
  let weight: Double

  /// All CPUs under `setting`, which is one of those asked for.
  package func total(_ setting: GuestPollLimit.Parameters) -> Prediction {
    prediction(parts[setting] ?? [], setting, itself, guest.cpus)
  }

  /// Each CPU alone.
  package func each(_ setting: GuestPollLimit.Parameters) -> [Prediction] {
    (parts[setting] ?? []).enumerated().map { index, part in
      prediction([part], setting, [itself[index]], [guest.cpus[index]])
    }
  }

  private func prediction(
    _ parts: [VCPUPrediction], _ setting: GuestPollLimit.Parameters, _ itself: [VCPUPrediction],
    _ cpus: [GuestCPURecord]
  ) -> Prediction {
    Prediction(
      parts,
      under: PollParameters(
        ceiling: setting.most, grow: setting.grow, growStart: setting.growStart,
        shrink: setting.shrink),
      itself: itself, recorded: cpus.reduce(.zero) { $0 + $1.logged.reduce(.zero, +) },
      time: cpus.reduce(0) { $0 + $1.time }, weight: weight)
  }
}
