package import PollTrace

/// Finds the recommendation for a recording.
package struct Adviser: Sendable {
  package var objective = Objective.balanced
  /// The most that polling may take, as a share of the vCPUs' time.
  package var maxPollShare: Double?
  /// The wake-up latency to keep; the setting with the least polling that does is looked for then, whatever
  /// the objective.
  package var maxWakeLatency: WakeLatencyLimit?
  package var grid = PollGrid.standard
  package var lostEvents: UInt64 = 0
  /// Whether the recorder left events out as it was told: then halts are no fair sample.
  package var isFiltered = false
  /// Whether scheduler events were recorded, be there wakings among them or not.
  package var recordsScheduler = false
  package var defaults: PollParameters
  /// What the hosts have in common of how kvm's parameters are set.
  package var module = KVMModule(release: nil, arch: nil)
  package var threads: Int
  /// How many blocks of trials were recorded.
  package var trialBlocks = 0

  /// Fewer halts, or a shorter recording, carry no recommendation.
  package var leastHalts: UInt64 = 1_000
  package var leastSeconds = 2.0

  package init(defaults: PollParameters, threads: Int) {
    self.defaults = defaults
    self.threads = threads
  }

  /// An adviser that knows what `report` says of its traces.
  package init(_ report: Report, threads: Int) {
    let first = report.traces.first
    let rules = first?.settings.rules ?? .newest
    self.init(
      defaults: rules.defaults(arch: (first?.trace.facts?.arch ?? first?.trace.arch)?.unescaped),
      threads: threads)
    module = report.module
    lostEvents = report.traces.reduce(0) { $0.plus($1.lostEvents) }
    recordsScheduler = report.traces.contains(where: \.trace.hasSchedulerEvents)
    trialBlocks = report.trialBlocks
    isFiltered = report.ledger.count(of: .filteredEvents) > 0
  }

  /// What fits the `recorded` vCPUs best; nil where there is none.
  ///
  /// VMs with ceilings of their own have no part in it: the module parameters do not reach them. Nor
  /// have those whose decisions were not recorded: what failed polls cost them is not known.
  package func advise(_ recorded: [RecordedVCPU]) -> Recommendation? {
    let vcpus = recorded.filter(\.figures.decisionsAreRecorded)
    let host = HostReplay(vcpus.filter { !$0.hasOwnCeiling }, threads: threads)
    guard let parameters = HostReplay(recorded, threads: threads).parameters,
      let rules = recorded.first?.settings.rules
    else { return nil }
    // Other ceilings for each VM, the rest of what is set the same.
    let others = vcpus.map(\.parameters) + [parameters]
    let beside = Set(others).flatMap { setting in
      Set(grid.settings.map(\.ceiling)).map { ceiling in
        var other = setting
        other.ceiling = ceiling
        return other
      }
    }
    let sweep = Sweep(
      vcpus, grid, beside: beside, limit: maxWakeLatency?.most, threads: threads,
      counts: { !$0.hasOwnCeiling })
    let keeper = maxWakeLatency.map { self.keeper(of: $0, sweep, host) }
    let best = keeper.map(\.best) ?? choose(from: sweep, parameters) { $0.outcome }
    let fixed = sweep.rows.filter { $0.parameters.isFixedWindow }
      .min { objective.cost($0.outcome) < objective.cost($1.outcome) }
    var off = parameters
    off.ceiling = 0
    let named: [(Choice.Name, PollParameters?)] = [
      (.off, off), (.kernelDefault, defaults), (.bestFixedWindow, fixed?.parameters),
    ]
    let front = sweep.front
    let fastest = fastest(of: front, over: sweep.time)?.parameters
    let tried = named.compactMap(\.1) + [best?.parameters, fastest].compactMap(\.self)
    let predictions = host.predict(
      tried, weight: objective.latencyWeight,
      bounded: tried + [parameters] + front.map(\.parameters))
    let current = Choice(
      .current, predictions.current(parameters),
      measured: host.settingsChanged ? nil : host)
    let total = Figures(totalOf: host.vcpus.map(\.figures))
    var lacks = lacks(host, total, of: recorded)
    if lacks.isEmpty, let limit = maxWakeLatency, best == nil { lacks = [.noSettingKeeps(limit)] }
    // A promise is not fitted to a cost.
    let holdout = maxWakeLatency == nil ? holdout(sweep, parameters) : nil
    var verdict = Recommendation.Verdict.none(lacks)
    var recommended: Choice?
    var worstGain: (near: Double, far: Double)?
    if lacks.isEmpty, let best {
      let comparison = Comparison(
        predictions.current, predictions.parts[best.parameters] ?? [], objective)
      worstGain = (comparison.worstNear, comparison.worstFar)
      verdict =
        maxWakeLatency.map {
          judge($0, best.parameters, current, parameters, comparison.polling, host.time)
        } ?? judge(comparison, best, current, parameters, holdout, host.time)
      recommended =
        verdict == .change
        ? Choice(.recommended, predictions.total(best.parameters)) : current.named(.recommended)
    }
    // What is set is what was measured, under whatever name.
    var choices = named.compactMap { name, setting in
      setting.map {
        $0 == parameters ? current.named(name) : Choice(name, predictions.total($0))
      }
    }
    choices.insert(current, at: 2)
    if let recommended { choices.insert(recommended, at: 3) }
    choices.append(optimum(predictions.bounds, choices))
    let alternatives = Alternative.all(
      host.vcpus, time: host.time, weight: objective.latencyWeight, limit: maxWakeLatency,
      threads: threads)
    let promise = maxWakeLatency.map { limit in
      Promise(
        limit: limit, current: limit.keeping(current),
        recommended: recommended.map(limit.keeping), lowest: keeper?.lowest,
        remedies: best == nil
          ? remedies(
            for: limit, host, alternatives,
            [off, parameters, keeper?.lowest?.parameters].compactMap(\.self))
          : [])
    }
    if host.vcpus.isEmpty { choices = [] }
    return Recommendation(
      objective: objective, maxPollShare: maxPollShare, verdict: verdict, rules: rules,
      module: module, time: host.time, recorded: host.recorded, recordedUnder: host.recordedUnder,
      settingsChanged: host.settingsChanged,
      hostSettings: Set(host.vcpus.map(\.parameters)).count, current: current,
      recommended: recommended, choices: choices,
      front: host.vcpus.isEmpty
        ? []
        : front.map {
          Choice(name: .front, parameters: $0.parameters, outcome: $0.outcome)
        },
      leastLatency: host.vcpus.isEmpty
        ? nil : fastest.map { Choice(.front, predictions.total($0)) },
      alternatives: alternatives,
      perVM: carries(lacks)
        ? perVM(sweep, Set(grid.settings.map(\.ceiling)), recommended?.parameters ?? parameters)
        : [],
      unreached: Recommendation.Unreached.found(in: vcpus),
      patterns: Pattern.found(in: vcpus, host: parameters), holdout: holdout,
      worstGain: worstGain, halts: total.measures.halts, fidelity: total.fidelity,
      burners: burners(vcpus),
      hasSchedulerEvents: vcpus.isEmpty || recordsScheduler
        || vcpus.contains { $0.figures.measures.wakeLatency.count > 0 },
      contentionGap: HostReplay(vcpus, threads: threads).contentionGap,
      promise: promise, trialBlocks: trialBlocks)
  }

  /// What the recording lacks to carry a recommendation.
  private func lacks(
    _ host: HostReplay, _ total: Figures, of recorded: [RecordedVCPU]
  ) -> [Recommendation.Lack] {
    guard !host.vcpus.isEmpty else {
      return [
        recorded.allSatisfy(\.figures.decisionsAreRecorded)
          ? .nothingReached : .decisionsNotRecorded
      ]
    }
    var lacks: [Recommendation.Lack] = []
    let halts = total.measures.halts
    if halts < leastHalts { lacks.append(.halts(halts, least: leastHalts)) }
    let seconds = (host.vcpus.compactMap(\.figures.time).max()?.rawValue).map { Double($0) / 1e9 }
    if let seconds, seconds < leastSeconds {
      lacks.append(.duration(seconds, least: leastSeconds))
    }
    if lostEvents > halts / 100 { lacks.append(.lostEvents(lostEvents)) }
    if isFiltered { lacks.append(.filtered) }
    if total.fidelity.contradicted > 0 {
      lacks.append(.contradictions(total.fidelity.contradicted))
    }
    if host.vcpus.allSatisfy({ $0.replay == nil }) { lacks.append(.nothingReplayed) }
    return lacks
  }

  /// Whether what is said of single VMs has something to rest on.
  private func carries(_ lacks: [Recommendation.Lack]) -> Bool {
    lacks.isEmpty || lacks == [.nothingReached]
  }

  func isAllowed(_ outcome: PollOutcome, over time: Double) -> Bool {
    guard let maxPollShare else { return true }
    return Double(outcome.pollTime) <= maxPollShare * time
  }

  /// The setting of `front` with the least latency that the limit allows; of those within a hundredth of
  /// it, the one that polls least.
  private func fastest(of front: [Sweep.Row], over time: Double) -> Sweep.Row? {
    let allowed = front.filter { isAllowed($0.outcome, over: time) }
    guard let least = allowed.map(\.outcome.latency).min() else { return nil }
    return allowed.filter { Double($0.outcome.latency) <= Double(least) * 1.01 }
      .min { $0.outcome.pollTime < $1.outcome.pollTime }
  }

  /// The cheapest setting that the limit allows; of those within a hundredth of it, the one that
  /// changes least.
  func choose(
    from sweep: Sweep, _ parameters: PollParameters, share: Double = 1,
    _ outcome: (Sweep.Row) -> PollOutcome
  ) -> Sweep.Row? {
    let allowed = sweep.rows.map { (row: $0, outcome: outcome($0)) }
      .filter { isAllowed($0.outcome, over: sweep.time * share) }
      .map { (row: $0.row, cost: objective.cost($0.outcome)) }
    guard let least = allowed.map(\.cost).min() else { return nil }
    return allowed.filter { $0.cost <= least * 1.01 }
      .min {
        ($0.row.parameters.changes(from: parameters), $0.cost)
          < ($1.row.parameters.changes(from: parameters), $1.cost)
      }?.row
  }
}
