package import PollTrace

/// One vCPU's recording, made ready to be replayed under any setting and any supposition.
package struct VCPUReplay: Sendable {
  package let rules: PollRules
  private let salt: UInt64
  private let evidence: Evidence
  /// How far apart wake events lie.
  private let fitted: GapDensity
  /// What drives the wake events.
  package let source: WakeSource
  /// Whether events that come while the guest runs cost it time: what the recording shows.
  private var servesWhileBusy = false
  private let facts: Facts

  /// What decides which suppositions there are.
  private struct Facts {
    var lacksPolled: Bool
    var abandonedShare: Double
    var abandoned: Int
    var hasNoWakings: Bool
  }

  /// Fewer halts than this cannot be replayed.
  package static let least = 8

  /// `halts` of a vCPU that obeyed `parameters`; nil for fewer than 8.
  ///
  /// `salt` makes vCPUs draw different chances; the same salt draws the same ones.
  init?(_ halts: Observation, parameters: PollParameters, rules: PollRules, salt: UInt64) {
    let gaps = GapDensity.Gaps(halts)
    guard halts.count >= Self.least, !gaps.gap.isEmpty else { return nil }
    (self.rules, self.salt) = (rules, salt)
    evidence = Evidence(halts)
    source = WakeSource(halts, gaps, evidence.latencies.stalled)
    fitted = GapDensity(gaps, grid: GapDensity.Grid(gaps))
    var random = SplitMix64(seed: salt)
    let fates = evidence.draw(&random).fates
    facts = Facts(
      lacksPolled: evidence.busy.lacksPolled, abandonedShare: fates.share, abandoned: fates.count,
      hasNoWakings: halts.hasNoWakings)
    guard source.kind == .external else { return }
    // The recorded setting decides: one of the two reproduces the recorded hits.
    let recorded = Self.hitRate(Self.recorded(halts))
    let plain = Self.hitRate(schedule(.likely(seed: 1)).replay(parameters, rules)[0])
    guard abs(plain - recorded) > 0.01 else { return }
    servesWhileBusy = true
    let serving = Self.hitRate(schedule(.likely(seed: 1)).replay(parameters, rules)[0])
    servesWhileBusy = abs(serving - recorded) < 0.01
  }

  private static func hitRate(_ outcome: PollOutcome) -> Double {
    Double(outcome.successful) / Double(max(1, outcome.halts))
  }

  /// What `halts` themselves show, latencies as recorded or assumed.
  static func recorded(_ halts: Observation) -> PollOutcome {
    var outcome = PollOutcome()
    for index in 0..<halts.count {
      outcome.halts += 1
      outcome.latency += halts[index].slept ? halts[index].latency : Schedule.pollLatency
      guard halts[index].window > 0 else { continue }
      outcome.attempted += 1
      if halts[index].slept {
        outcome.failTime += halts[index].polled
        outcome.abandoned += halts[index].pollWasCut ? 1 : 0
      } else {
        outcome.successful += 1
        outcome.successTime += halts[index].block
      }
    }
    return outcome
  }

  /// All that a prediction is made of.
  var scenarios: [Scenario] { Scenario.likely + bounds + placements }

  /// The suppositions that bound a prediction whose neighbours stay as recorded.
  package var bounds: [Scenario] {
    var scenarios: [Scenario] = [.slower, .faster]
    if source.kind == .external { scenarios += [.denser, .split, .otherService] }
    if !source.isDecided { scenarios.append(.otherSource) }
    if facts.lacksPolled { scenarios.append(.quickAfterPoll) }
    return scenarios
  }

  /// Those beside them where the scheduler may place tasks otherwise.
  package var placements: [Scenario] {
    guard facts.abandonedShare > 0.01, facts.abandoned >= 5 || facts.hasNoWakings else { return [] }
    return [.allAbandoned, .noneAbandoned]
  }
}

extension VCPUReplay {
  /// The wake events under `scenario`.
  func schedule(_ scenario: Scenario) -> Schedule {
    var seed: UInt64 = 1
    if case .likely(let own) = scenario { seed = own }
    var random = SplitMix64(seed: salt &+ seed &* 0x9e37_79b9)
    let evidence = evidence(scenario)
    let halts = evidence.halts
    var draw = evidence.draw(&random)
    var (latencies, busy) = (evidence.latencies, evidence.busy)
    if scenario == .slower { latencies = latencies.shifted(2) }
    if scenario == .faster { latencies = latencies.shifted(-2) }
    if scenario == .allAbandoned { draw.fates = draw.fates.supposing(.allAbandoned) }
    if scenario == .noneAbandoned { draw.fates = draw.fates.supposing(.noneAbandoned) }
    var kind = source.kind
    if scenario == .otherSource { kind = kind == .external ? .ownRequests : .external }
    let serves = kind == .external && servesWhileBusy != (scenario == .otherService)
    var hidden: [(time: Int64, halt: Int)] = []
    if kind == .external {
      hidden = hiddenEvents(halts, scenario, &random)
    }
    var owners = Set<Int>()
    if serves {
      owners = Set(hidden.lazy.filter { $0.time > halts[$0.halt].woke }.map(\.halt))
      busy = busy.without(owners, halts)
    }
    var builder = ScheduleBuilder(
      halts: halts, latencies: latencies, busy: busy, draw: draw, random: random)
    builder.hasForeignBusy = owners
    builder.isQuickAfterPoll = scenario == .quickAfterPoll
    return builder.schedule(kind, hidden, serves: serves && !hidden.isEmpty)
  }

  /// What the recording shows; where latencies are assumed, so may longer or shorter ones be.
  private func evidence(_ scenario: Scenario) -> Evidence {
    let scale = scenario == .slower ? 2.5 : scenario == .faster ? 0.3 : 1
    guard scale != 1, evidence.halts.hasNoWakings else { return evidence }
    let latency = Int64(Double(Observation.assumedLatency) * scale)
    return Evidence(evidence.halts.assuming(latency: latency))
  }

  private func hiddenEvents(
    _ halts: Observation, _ scenario: Scenario, _ random: inout SplitMix64
  ) -> [(time: Int64, halt: Int)] {
    let gaps = GapDensity.Gaps(evidence.halts)
    let density =
      scenario == .denser ? GapDensity(gaps, grid: fitted.grid, dense: true) : fitted
    var hidden = density.hiddenEvents(gaps, halts, &random)
    if scenario == .split {
      let known = Set(hidden.map(\.halt))
      for place in gaps.halts.indices {
        let halt = gaps.halts[place]
        if gaps.gap[place] / 2 < gaps.hidden[place], halts[halt].hasLatency, !known.contains(halt) {
          hidden.append((halts[halt].arrival + Int64(gaps.gap[place]) / 2, halt))
        }
      }
    }
    return hidden
  }
}
