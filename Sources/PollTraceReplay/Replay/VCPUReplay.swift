package import PollTrace

/// One vCPU's recording, made ready to be replayed under any setting and any supposition.
package struct VCPUReplay: Sendable {
  package let rules: PollRules
  /// The effective ceiling while it was recorded, in ns.
  private let ceiling: UInt32
  private let log: HaltLog
  private let salt: UInt64
  private let gaps: GapDensity.Gaps
  private let fitted: GapDensity?
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

  /// `log` of a vCPU whose VM had `ceiling` under `parameters`; nil for fewer than 8 halts.
  ///
  /// `salt` makes vCPUs draw different chances; the same salt draws the same ones.
  package init?(
    _ log: HaltLog, parameters: PollParameters, rules: PollRules, salt: UInt64
  ) {
    guard log.entries.count >= Self.least else { return nil }
    (self.log, self.rules, self.salt, ceiling) = (log, rules, salt, parameters.ceiling)
    let halts = Observation(log, ceiling: parameters.ceiling, rules: rules)
    gaps = GapDensity.Gaps(halts)
    guard !gaps.gap.isEmpty else { return nil }
    var random = SplitMix64(seed: salt)
    let latencies = Latencies(halts, &random)
    source = WakeSource(halts, gaps, latencies.stalled)
    fitted = GapDensity(gaps, grid: GapDensity.Grid(gaps))
    let busy = BusyTimes(halts, &random)
    let fates = PollFates(halts, &random)
    facts = Facts(
      lacksPolled: busy.lacksPolled, abandonedShare: fates.share, abandoned: fates.count,
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

  /// What `log` itself shows, latencies as recorded or assumed.
  package static func recorded(_ log: HaltLog, ceiling: UInt32, rules: PollRules) -> PollOutcome {
    recorded(Observation(log, ceiling: ceiling, rules: rules))
  }

  private static func recorded(_ halts: Observation) -> PollOutcome {
    var outcome = PollOutcome()
    for index in 0..<halts.count {
      let block = halts.woke[index] - halts.began[index]
      outcome.halts += 1
      outcome.latency += halts.slept[index] ? halts.latency(index) : Schedule.pollLatency
      guard halts.window[index] > 0 else { continue }
      outcome.attempted += 1
      if halts.slept[index] {
        outcome.failTime += halts.polled[index]
        outcome.abandoned += halts.pollWasCut(index) ? 1 : 0
      } else {
        outcome.successful += 1
        outcome.successTime += block
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
    let scale = scenario == .slower ? 2.5 : scenario == .faster ? 0.3 : 1
    let halts = Observation(log, ceiling: ceiling, rules: rules, assumedLatencyScale: scale)
    var latencies = Latencies(halts, &random)
    if scenario == .slower { latencies = latencies.shifted(2) }
    if scenario == .faster { latencies = latencies.shifted(-2) }
    var busy = BusyTimes(halts, &random)
    var fates = PollFates(halts, &random)
    if scenario == .allAbandoned { fates = fates.supposing(.allAbandoned) }
    if scenario == .noneAbandoned { fates = fates.supposing(.noneAbandoned) }
    var kind = source.kind
    if scenario == .otherSource { kind = kind == .external ? .ownRequests : .external }
    let serves = kind == .external && servesWhileBusy != (scenario == .otherService)
    var hidden: [(time: Int64, halt: Int)] = []
    if kind == .external {
      hidden = hiddenEvents(halts, scenario, &random)
    }
    var owners = Set<Int>()
    if serves {
      owners = Set(hidden.lazy.filter { $0.time > halts.woke[$0.halt] }.map(\.halt))
      busy = busy.without(owners, halts)
    }
    var builder = ScheduleBuilder(
      halts: halts, latencies: latencies, busy: busy, fates: fates, random: random)
    builder.hasForeignBusy = owners
    builder.isQuickAfterPoll = scenario == .quickAfterPoll
    return builder.schedule(kind, hidden, serves: serves && !hidden.isEmpty)
  }

  private func hiddenEvents(
    _ halts: Observation, _ scenario: Scenario, _ random: inout SplitMix64
  ) -> [(time: Int64, halt: Int)] {
    let density =
      scenario == .denser
      ? GapDensity(gaps, grid: GapDensity.Grid(gaps), dense: true) : fitted
    guard let density else { return [] }
    var hidden = density.hiddenEvents(gaps, halts, &random)
    if scenario == .split {
      let known = Set(hidden.map(\.halt))
      for place in gaps.halts.indices {
        let halt = gaps.halts[place]
        if gaps.gap[place] / 2 < gaps.hidden[place], halts.hasLatency[halt], !known.contains(halt) {
          hidden.append((halts.arrival[halt] + Int64(gaps.gap[place]) / 2, halt))
        }
      }
    }
    return hidden
  }
}
