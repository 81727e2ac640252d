internal import PollTrace

/// Whether the best setting is worth a change, and what surrounds the answer.
extension Adviser {
  /// A change must save this share of the cost, and this share of a CPU per vCPU.
  static let worthwhile = (ofCost: 0.05, ofCPU: 0.0005)

  func judge(
    _ comparison: Comparison, _ best: Sweep.Row, _ current: Choice, _ parameters: PollParameters,
    _ holdout: Recommendation.Holdout?, _ time: Double
  ) -> Recommendation.Verdict {
    if best.parameters == parameters { return .keep(.isBest) }
    guard isAllowed(current.outcome, over: time) else { return .change }
    return comparison.verdict(
      over: objective.cost(current.outcome), time, holdout: holdout?.costRatio)
  }

  /// Fitted on the first half of the time, checked on the second, against the present parameters.
  func holdout(_ sweep: Sweep, _ parameters: PollParameters) -> Recommendation.Holdout? {
    let fitted = choose(from: sweep, parameters, share: 0.5) { $0.halves[0] }
    let cost = objective.cost(sweep.current[1])
    guard let fitted, cost > 0 else { return nil }
    return Recommendation.Holdout(
      costRatio: objective.cost(fitted.halves[1]) / cost, parameters: fitted.parameters)
  }

  /// The least that hindsight leaves of the cost, over the halts that any setting makes.
  func optimum(_ bounds: [PollOutcome], _ choices: [Choice]) -> Choice {
    let least = (bounds + choices.map(\.outcome))
      .min { objective.cost($0) < objective.cost($1) }
    return Choice(name: .clairvoyantBound, parameters: nil, outcome: least ?? .zero)
  }

  /// VMs that another of `ceilings` would serve better by a tenth, the rest of the setting the same:
  /// `setting`, or their own where they are not reached.
  func perVM(
    _ sweep: Sweep, _ ceilings: Set<UInt32>, _ setting: PollParameters
  ) -> [Recommendation.PerVM] {
    sweep.groups.indices.compactMap { group in
      let vm = sweep.groups[group]
      guard sweep.groups.count > 1 || vm.hasOwnCeiling else { return nil }
      let now = vm.hasOwnCeiling ? vm.parameters : setting
      let others = ceilings.compactMap { ceiling -> (ceiling: UInt32, cost: Double)? in
        var other = now
        other.ceiling = ceiling
        // Without polling the other parameters do nothing.
        if ceiling == 0, let off = sweep.rows.first(where: { $0.parameters.ceiling == 0 }) {
          other = off.parameters
        }
        return sweep.outcome(of: group, under: other).map { (ceiling, objective.cost($0)) }
      }
      guard let same = sweep.outcome(of: group, under: now), same.halts >= 500,
        let best = others.min(by: { ($0.cost, $0.ceiling) < ($1.cost, $1.ceiling) })
      else { return nil }
      let ratio = best.cost / objective.cost(same)
      guard ratio < 0.9, best.ceiling != now.ceiling else { return nil }
      return Recommendation.PerVM(
        vm: vm.vm, ceiling: best.ceiling, costRatio: ratio, halts: same.halts,
        ownCeiling: vm.hasOwnCeiling ? now.ceiling : nil)
    }
  }

  /// The vCPUs that spend most on failed polls: who, the share of a CPU, the share of all such time.
  func burners(_ vcpus: [RecordedVCPU]) -> [(label: Untrusted, share: Double, ofAll: Double)] {
    let wasted = vcpus.map { Double($0.recorded.failTime) }
    let all = wasted.reduce(0, +)
    guard all > 0 else { return [] }
    return zip(vcpus, wasted).filter { $0.1 > 0.1 * all }.sorted { $0.1 > $1.1 }.prefix(3)
      .map { vcpu, wasted in (vcpu.label, wasted / max(1, vcpu.time), wasted / all) }
  }
}

extension PollParameters {
  /// Whether windows are as long as the ceiling from the first on.
  var isFixedWindow: Bool { shrink == 1 && growStart == ceiling }

  /// How many parameters differ from those of `other`.
  func changes(from other: PollParameters) -> Int {
    zip(values, other.values).filter { $0 != $1 }.count
  }
}

extension Recommendation.Unreached {
  /// The VMs of `vcpus` that have ceilings of their own.
  static func found(in vcpus: [RecordedVCPU]) -> [Self] {
    vcpus.filter(\.hasOwnCeiling).grouped(by: \.vmKey).map { vcpus in
      Self(
        vm: vcpus[0].vm, ceiling: vcpus[0].parameters.ceiling, vcpus: vcpus.count,
        time: vcpus.reduce(0) { $0 + $1.time },
        pollTime: vcpus.reduce(0) { $0 + Double($1.recorded.pollTime) })
    }
  }
}

extension Comparison {
  /// Whether the gain on `cost`, in ns, in `time` ns of vCPUs is worth a change and no chance; `holdout` is
  /// the cost on the second half of what fits the first, as a share of the present one's.
  func verdict(over cost: Double, _ time: Double, holdout: Double?) -> Recommendation.Verdict {
    let cost = max(1, cost)
    let share = gain / cost
    if share < Adviser.worthwhile.ofCost || gain < Adviser.worthwhile.ofCPU * time {
      return .keep(.tooLittle(max(0, share)))
    }
    if gain < 2 * error { return .keep(.withinChance(share, error / cost)) }
    if worstNear <= 0 { return .keep(.dependsOnTheUnseen(worstNear / cost)) }
    if let holdout, holdout >= 1 { return .keep(.failedHoldout(holdout)) }
    return .change
  }
}
