package import PollTrace

/// Finds the recommendation for a recording.
package struct Adviser: Sendable {
  package var objective = Objective.balanced
  /// The most that polling may take, as a share of the vCPUs' time.
  package var maxPollShare: Double?
  package var grid = PollGrid.standard
  package var lostEvents: UInt64 = 0
  package var defaults: PollParameters
  package var threads: Int

  /// Fewer halts, or a shorter recording, carry no recommendation.
  private static let leastHalts: UInt64 = 1_000
  private static let leastSeconds = 2.0
  /// A change must save this share of the cost, and this share of a CPU a vCPU.
  private static let worthwhile = (ofCost: 0.05, ofCPU: 0.0005)

  package init(defaults: PollParameters, threads: Int) {
    self.defaults = defaults
    self.threads = threads
  }

  /// What fits `vcpus` best; nil where there is none.
  package func advise(_ vcpus: [RecordedVCPU]) -> Recommendation? {
    let host = HostReplay(vcpus, threads: threads)
    guard let parameters = host.parameters, let rules = vcpus.first?.rules else { return nil }
    let work = Work(adviser: self, host: host, parameters: parameters, rules: rules)
    return work.recommendation()
  }

  /// What the recording lacks to carry a recommendation.
  private func lacks(_ host: HostReplay, _ total: Figures) -> [Recommendation.Lack] {
    var lacks: [Recommendation.Lack] = []
    let halts = total.measures.halts
    if halts < Self.leastHalts { lacks.append(.halts(halts, least: Self.leastHalts)) }
    let seconds = (host.vcpus.compactMap(\.figures.time).max()?.rawValue).map { Double($0) / 1e9 }
    if let seconds, seconds < Self.leastSeconds {
      lacks.append(.duration(seconds, least: Self.leastSeconds))
    }
    if lostEvents * 100 > halts { lacks.append(.lostEvents(lostEvents)) }
    if total.fidelity.contradicted > 0 {
      lacks.append(.contradictions(total.fidelity.contradicted))
    }
    if host.vcpus.allSatisfy({ $0.replay == nil }) { lacks.append(.nothingReplayed) }
    return lacks
  }

  /// One recommendation in the making.
  private struct Work {
    let adviser: Adviser
    let host: HostReplay
    let parameters: PollParameters
    let rules: PollRules
    var objective: Objective { adviser.objective }
    var price: Double { adviser.objective.latencyPrice }

    func recommendation() -> Recommendation {
      let total = Figures(totalOf: host.vcpus.map(\.figures))
      let lacks = adviser.lacks(host, total)
      let sweep = Sweep(host.vcpus, adviser.grid, threads: adviser.threads)
      let best = choose(from: sweep, { $0.outcome })
      let fixed = sweep.rows.filter { $0.parameters.shrink == 1 && isFixed($0.parameters) }
        .min { objective.cost($0.outcome) < objective.cost($1.outcome) }
      var off = parameters
      off.ceiling = 0
      let named: [(Choice.Name, PollParameters?)] = [
        (.off, off), (.kernelDefault, adviser.defaults), (.bestFixedWindow, fixed?.parameters),
      ]
      let predictions = host.predict(
        named.compactMap(\.1) + [best?.parameters].compactMap(\.self), weight: price)
      let currentTotal = predictions.recorded(parameters)
      let current = Choice(
        name: .current, parameters: parameters, outcome: currentTotal.outcome,
        prediction: currentTotal)
      var verdict = Recommendation.Verdict.none(lacks)
      var recommended: Choice?
      var worstGain: (near: Double, far: Double)?
      let holdout = holdout(sweep)
      if lacks.isEmpty, let best {
        let comparison = Comparison(
          predictions.itself, predictions.parts[best.parameters] ?? [], objective)
        worstGain = (comparison.worstNear, comparison.worstFar)
        verdict = judge(comparison, best, currentTotal.outcome, holdout)
        if verdict == .change {
          let prediction = predictions.total(best.parameters)
          recommended = Choice(
            name: .recommended, parameters: best.parameters, outcome: prediction.outcome,
            prediction: prediction)
        } else {
          recommended = Choice(
            name: .recommended, parameters: parameters, outcome: current.outcome,
            prediction: currentTotal)
        }
      }
      var choices = named.compactMap { name, parameters in
        parameters.map { setting in
          let prediction = predictions.total(setting)
          return Choice(
            name: name, parameters: setting, outcome: prediction.outcome, prediction: prediction)
        }
      }
      choices.insert(current, at: min(2, choices.count))
      if let recommended { choices.insert(recommended, at: min(3, choices.count)) }
      let front = sweep.front
      choices.append(
        bound(choices.compactMap(\.parameters) + front.map(\.parameters), cheapest: choices))
      return Recommendation(
        objective: objective, maxPollShare: adviser.maxPollShare, verdict: verdict, rules: rules,
        time: host.time, recorded: host.recorded, current: current, recommended: recommended,
        choices: choices,
        front: front.map {
          Choice(name: .front, parameters: $0.parameters, outcome: $0.outcome, prediction: nil)
        },
        alternatives: Alternative.all(
          host.vcpus, time: host.time, price: price, threads: adviser.threads),
        perVM: verdict == .none(lacks) ? [] : perVM(sweep, recommended?.parameters ?? parameters),
        patterns: Pattern.found(in: host.vcpus, host: parameters), holdout: holdout,
        worstGain: worstGain, halts: total.measures.halts, fidelity: total.fidelity,
        ownCeilings: ownCeilings, burners: burners, hasSchedulerEvents: hasSchedulerEvents)
    }

    private func isFixed(_ parameters: PollParameters) -> Bool {
      parameters.growStart == parameters.ceiling
    }

    private func isAllowed(_ outcome: PollOutcome, over time: Double) -> Bool {
      guard let most = adviser.maxPollShare else { return true }
      return Double(outcome.pollTime) <= most * time
    }

    /// The cheapest setting that the limit allows; of those within a hundredth of it, the one that
    /// changes least.
    private func choose(
      from sweep: Sweep, _ outcome: (Sweep.Row) -> PollOutcome, over time: Double? = nil
    ) -> Sweep.Row? {
      let allowed = sweep.rows.filter { isAllowed(outcome($0), over: time ?? host.time) }
      guard let least = allowed.map({ objective.cost(outcome($0)) }).min() else { return nil }
      return allowed.filter { objective.cost(outcome($0)) <= least * 1.01 }
        .min {
          (changes($0.parameters), objective.cost(outcome($0)))
            < (changes($1.parameters), objective.cost(outcome($1)))
        }
    }

    private func changes(_ other: PollParameters) -> Int {
      [
        other.ceiling != parameters.ceiling, other.grow != parameters.grow,
        other.growStart != parameters.growStart, other.shrink != parameters.shrink,
      ].filter(\.self).count
    }

    /// Whether the best is worth a change.
    private func judge(
      _ comparison: Comparison, _ best: Sweep.Row, _ current: PollOutcome,
      _ holdout: Recommendation.Holdout?
    ) -> Recommendation.Verdict {
      if best.parameters == parameters { return .keep(.isBest) }
      guard isAllowed(current, over: host.time) else { return .change }
      let cost = max(1, objective.cost(current))
      let share = comparison.gain / cost
      if share < Adviser.worthwhile.ofCost
        || comparison.gain < Adviser.worthwhile.ofCPU * host.time
      {
        return .keep(.tooLittle(max(0, share)))
      }
      if comparison.gain < 2 * comparison.error {
        return .keep(.withinChance(share, comparison.error / cost))
      }
      if comparison.worstNear <= 0 {
        return .keep(.dependsOnTheUnseen(comparison.worstNear / cost))
      }
      if let holdout, holdout.costRatio >= 1 { return .keep(.failedHoldout(holdout.costRatio)) }
      return .change
    }

    /// Fitted on the first half of the time, checked on the second.
    private func holdout(_ sweep: Sweep) -> Recommendation.Holdout? {
      guard let fitted = choose(from: sweep, { $0.half(0) }, over: host.time / 2) else {
        return nil
      }
      let current = Parallel.map(host.vcpus, threads: adviser.threads) { vcpu in
        guard let replay = vcpu.replay else { return vcpu.logged.scaled(by: vcpu.weight / 2) }
        let halves = replay.schedule(.likely(seed: 1)).replay(
          vcpu.parameters, replay.rules, blocks: 2)
        return halves[1].scaled(by: vcpu.weight)
      }.reduce(.zero, +)
      let cost = objective.cost(current)
      guard cost > 0 else { return nil }
      return Recommendation.Holdout(
        costRatio: objective.cost(fitted.half(1)) / cost, parameters: fitted.parameters)
    }

    /// The least that hindsight leaves of the cost, over the halts that any of `settings` makes.
    private func bound(_ settings: [PollParameters], cheapest: [Choice]) -> Choice {
      let tried = Array(Set(settings))
      var sums = Array(repeating: PollOutcome.zero, count: tried.count)
      let outcomes = { @Sendable (vcpu: RecordedVCPU) -> [PollOutcome] in
        guard let replay = vcpu.replay else {
          return tried.map { _ in vcpu.logged.scaled(by: vcpu.weight) }
        }
        let lanes = ScheduleLanes(replay.schedule(.likely(seed: 1)), price: price)
        return lanes.replay(tried, replay.rules, threads: adviser.threads).map {
          $0[0].scaled(by: vcpu.weight)
        }
      }
      // A few vCPUs at a time: each has as many outcomes as there are settings.
      for some in host.vcpus.groups(of: 4 * adviser.threads) {
        for outcomes in Parallel.map(some, threads: adviser.threads, outcomes) {
          for index in sums.indices { sums[index] = sums[index] + outcomes[index] }
        }
      }
      let all = sums + cheapest.map(\.outcome)
      let least = all.min { objective.cost($0) < objective.cost($1) } ?? .zero
      return Choice(name: .clairvoyantBound, parameters: nil, outcome: least, prediction: nil)
    }

    /// VMs that another ceiling would serve better by a tenth, the rest of the setting the same.
    private func perVM(
      _ sweep: Sweep, _ setting: PollParameters
    ) -> [Recommendation.PerVM] {
      guard sweep.groups.count > 1 else { return [] }
      let rows = sweep.rows.filter {
        $0.parameters.ceiling == 0
          || ($0.parameters.grow == setting.grow && $0.parameters.growStart == setting.growStart
            && $0.parameters.shrink == setting.shrink)
      }
      guard let same = rows.first(where: { $0.parameters == setting }) else { return [] }
      return sweep.groups.indices.compactMap { group in
        let cost = objective.cost(same.outcome(of: group))
        guard same.outcome(of: group).halts >= 500, cost > 0,
          let best = rows.min(by: {
            objective.cost($0.outcome(of: group)) < objective.cost($1.outcome(of: group))
          })
        else { return nil }
        let ratio = objective.cost(best.outcome(of: group)) / cost
        guard ratio < 0.9, best.parameters.ceiling != setting.ceiling else { return nil }
        return Recommendation.PerVM(
          vm: sweep.groups[group].vm, ceiling: best.parameters.ceiling, costRatio: ratio,
          halts: same.outcome(of: group).halts)
      }
    }

    private var ownCeilings: [String] {
      var names: [String] = []
      for vcpu in host.vcpus where vcpu.hasOwnCeiling && !names.contains(vcpu.vm) {
        names.append(vcpu.vm)
      }
      return names
    }

    private var burners: [(label: String, share: Double, ofAll: Double)] {
      let wasted = host.vcpus.map { Double($0.recorded.failTime) }
      let all = wasted.reduce(0, +)
      guard all > 0 else { return [] }
      return zip(host.vcpus, wasted).filter { $0.1 > 0.1 * all }.sorted { $0.1 > $1.1 }.prefix(3)
        .map { vcpu, wasted in
          (vcpu.label, wasted / Double(max(1, vcpu.figures.time?.rawValue ?? 1)), wasted / all)
        }
    }

    private var hasSchedulerEvents: Bool {
      host.vcpus.contains { $0.figures.measures.wakeLatency.count > 0 }
    }
  }
}
