internal import PollTrace

/// The least polling that keeps a limit of wake-up latency.
extension Adviser {
  /// What a search for it finds.
  struct Keeper {
    /// The setting, where one keeps the limit.
    var best: Sweep.Row?
    var lowest: (parameters: PollParameters, latency: Prediction.Estimate)?
  }

  /// How many settings are predicted under every assumption: as many as go together in vectors.
  private static let most = 31

  /// Of the settings of `sweep`, whose late halts are counted by `limit`, the one with the least polling
  /// whose interval keeps it where tasks are placed as recorded; else whose prediction does.
  func keeper(of limit: WakeLatencyLimit, _ sweep: Sweep, _ host: HostReplay) -> Keeper {
    let rows = sweep.rows.map { (row: $0, outcome: $0.outcome) }
      .filter { isAllowed($0.outcome, over: sweep.time) }
    let lateness = { (outcome: PollOutcome) in
      limit.statistic == .mean ? outcome.meanLatency : outcome.lateShare
    }
    guard
      let lowest = rows.min(by: {
        (lateness($0.outcome), $0.outcome.pollTime) < (lateness($1.outcome), $1.outcome.pollTime)
      })
    else { return Keeper() }
    // Of equal polling the one with the lowest latency, and of more only what has a lower one.
    let rising = rows.filter { limit.isKept(by: $0.outcome) }
      .sorted {
        ($0.outcome.pollTime, lateness($0.outcome)) < ($1.outcome.pollTime, lateness($1.outcome))
      }
    var candidates: [(row: Sweep.Row, outcome: PollOutcome)] = []
    for one in rising
    where candidates.last.map({ lateness(one.outcome) < lateness($0.outcome) }) ?? true {
      candidates.append(one)
    }
    let some = candidates.spread(over: Self.most).map(\.row)
    let predictions = host.predict(
      some.map(\.parameters) + [lowest.row.parameters], weight: objective.latencyWeight)
    let keeping = some.map { limit.keeping(predictions.total($0.parameters)) }
    let best =
      keeping.firstIndex { $0 == .kept || $0 == .keptAsPlaced }
      ?? keeping.firstIndex(of: .likely)
    let estimate = predictions.total(lowest.row.parameters).wakeLatency?[limit.statistic]
    return Keeper(
      best: best.map { some[$0] },
      lowest: estimate.map { (lowest.row.parameters, $0) })
  }

  /// Whether `best`, which keeps the limit with the least polling, is worth a change: `saved` is the polling
  /// that it saves, in ns, and the standard error of that.
  func judge(
    _ limit: WakeLatencyLimit, _ best: PollParameters, _ current: Choice,
    _ parameters: PollParameters, _ saved: (gain: Double, error: Double), _ time: Double
  ) -> Recommendation.Verdict {
    if best == parameters { return .keep(.pollsLeast) }
    guard limit.keeping(current) != .broken, isAllowed(current.outcome, over: time) else {
      return .change
    }
    let gain = saved.gain
    let share = gain / max(1, time)
    if gain <= 0 { return .keep(.pollsLeast) }
    if share < Self.worthwhile.ofCPU
      || gain < Self.worthwhile.ofCost * Double(current.outcome.pollTime)
      || gain < 2 * saved.error
    {
      return .keep(.pollsLittleLess(share))
    }
    return .change
  }

  /// What else could keep a limit that no setting does.
  func remedies(
    for limit: WakeLatencyLimit, _ host: HostReplay, _ alternatives: [Alternative],
    _ settings: [PollParameters]
  ) -> [Promise.Remedy] {
    var remedies: [Promise.Remedy] = []
    let alone = host.isContended ? host.undisturbed(settings) : []
    if let least = zip(settings, alone).filter({ limit.isKept(by: $1.latencies[limit.statistic]) })
      .min(by: { $0.1.pollTime < $1.1.pollTime })
    {
      remedies.append(.pinning(least.0, latency: least.1.latencies[limit.statistic]))
    }
    for alternative in alternatives where alternative.name != .guestHaltPoll {
      let latency = alternative.assumedLatency ?? alternative.latencies?[limit.statistic]
      guard let latency, limit.isKept(by: latency) else { continue }
      remedies.append(.alternative(alternative, latency: latency))
    }
    return remedies
  }
}

extension HostReplay {
  /// Whether other tasks want the CPUs of any vCPU.
  var isContended: Bool { vcpus.contains { $0.replay?.isContended ?? false } }

  /// What `settings` would do if no other task wanted the vCPUs' CPUs.
  func undisturbed(
    _ settings: [PollParameters]
  ) -> [(pollTime: Int64, latencies: WakeLatencies<Double>)] {
    let each = Parallel.map(vcpus, threads: threads) { vcpu in
      vcpu.replay.map { replay in
        ScheduleLanes(replay.schedule(.noneCutShort))
          .watch(settings, replay.rules, blocks: 1, weight: vcpu.weight)
          .map { (outcome: $0.outcomes[0].scaled(by: vcpu.weight), latencies: $0.latencies[0]) }
      }
    }
    return settings.indices.compactMap { setting in
      let parts = each.compactMap { $0?[setting] }
      let outcome = parts.reduce(PollOutcome.zero) { $0 + $1.outcome }
      let latencies = WakeLatencies(LatencyDistribution.sum(parts.map(\.latencies)), outcome)
      return latencies.map { (outcome.pollTime, $0) }
    }
  }
}

extension Array {
  /// At most `most` of the elements, the first and the last among them, evenly spread.
  fileprivate func spread(over most: Int) -> [Element] {
    guard count > most else { return self }
    return (0..<most).map { self[$0 * (count - 1) / (most - 1)] }
  }
}
