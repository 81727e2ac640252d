package import PollTrace

/// One vCPU's recording, made ready to be replayed under any setting and any assumption.
package struct VCPUReplay: Sendable {
  package let rules: PollRules
  private let salt: UInt64
  private let evidence: Evidence
  private let blocks: TimeBlocks
  /// How far apart wake events lie, hidden ones allowed for; nil where the recording shows those.
  private let fit: Fit?
  /// What drives the wake events.
  package let source: WakeSource
  /// Whether events that come while the guest runs cost it time: what the recording shows.
  private var servesWhileBusy = false
  private let facts: Facts
  /// Where the scheduler of this host puts tasks that wake while their CPU is busy.
  package let placement: WakerPlacement?

  private struct Fit {
    var gaps: GapDensity.Gaps
    var density: GapDensity
    var likelihoods: GapDensity.HiddenEventLikelihoods

    init(_ gaps: GapDensity.Gaps) {
      self.gaps = gaps
      density = GapDensity(gaps, grid: GapDensity.Grid(gaps))
      likelihoods = GapDensity.HiddenEventLikelihoods(gaps, Array(gaps.indices), density.grid)
    }
  }

  /// What decides which assumptions there are.
  private struct Facts {
    var lacksPolled: Bool
    var cutShare: Double
    var cut: Int
    var hasNoWakings: Bool
  }

  /// Fewer halts than this cannot be replayed.
  package static let least = 8

  /// `halts` of a vCPU that obeyed `settings`, in `blocks` of time; nil for fewer than 8.
  ///
  /// `salt` makes vCPUs draw different chances; the same salt draws the same ones. `others` is who else
  /// wanted the CPUs of `vcpu`, where the recording shows that.
  init?(
    _ halts: Observation, settings: PollSettings, blocks: TimeBlocks, salt: UInt64,
    vcpu: VCPUIdentity? = nil, others: OtherTasks? = nil
  ) {
    self.init(
      halts, rules: settings.rules, blocks: blocks, salt: salt, vcpu: vcpu, others: others
    ) {
      $0.replay(KernelPolling(settings))[0]
    }
  }

  /// The same of halts of whatever obeyed what `asRecorded` replays.
  init?(
    _ halts: Observation, rules: PollRules, blocks: TimeBlocks, salt: UInt64,
    vcpu: VCPUIdentity? = nil, others: OtherTasks? = nil, asRecorded: (Schedule) -> PollOutcome
  ) {
    let gaps = GapDensity.Gaps(halts)
    guard halts.count >= Self.least, !gaps.indices.isEmpty else { return nil }
    (self.rules, self.blocks, self.salt) = (rules, blocks, salt)
    evidence = Evidence(
      halts,
      others.flatMap { others in
        Contention(halts, others.occupancy) {
          others.vcpus.others(than: vcpu?.thread ?? .idle, on: $0)
        }
      },
      others.flatMap { others in
        vcpu?.vcpu.flatMap { others.interrupts[$0] }
          .flatMap { AcceptedEvents(halts, $0) }
      })
    placement = others?.placement
    source = WakeSource(halts, gaps, evidence.latencies.stalled)
    fit = evidence.accepted == nil ? Fit(gaps) : nil
    var random = SplitMix64(seed: salt)
    let cuts = evidence.draw(&random).cuts
    facts = Facts(
      lacksPolled: evidence.busy.lacksPolled, cutShare: cuts.share, cut: cuts.count,
      hasNoWakings: halts.hasNoWakings)
    guard source.kind == .external else { return }
    // The recorded settings decide: one of the two reproduces the recorded hits.
    let recorded = halts.outcomes(in: blocks).reduce(.zero, +).hitRate
    let plain = asRecorded(schedule(.choosing)).hitRate
    guard abs(plain - recorded) > 0.01 else { return }
    servesWhileBusy = true
    let serving = asRecorded(schedule(.choosing)).hitRate
    servesWhileBusy = abs(serving - recorded) < 0.01
  }

  /// All that a prediction is made of.
  var assumptions: [Assumption] { Assumption.predicting + bounds + placements }

  /// The assumptions that bound a prediction whose neighbours stay as recorded.
  package var bounds: [Assumption] {
    var assumptions: [Assumption] = [.slower, .faster]
    if source.kind == .external {
      assumptions += (fit != nil ? [.denser, .split] : []) + [.otherService]
    }
    if !source.isDecided { assumptions.append(.otherSource) }
    if facts.lacksPolled { assumptions.append(.quickAfterPoll) }
    if let contention = evidence.contention, contention.sleeperShare > 0.01 {
      assumptions += [.sleepersStay, .sleepersGo]
    }
    return assumptions
  }

  /// Those beside them where the scheduler may place tasks otherwise.
  package var placements: [Assumption] {
    if let contention = evidence.contention {
      return contention.isFloating && contention.share > 0.01
        ? [.allCutShort, .noneCutShort] : []
    }
    guard facts.cutShare > 0.01, facts.cut >= 5 || facts.hasNoWakings else { return [] }
    return [.allCutShort, .noneCutShort]
  }
}

extension VCPUReplay {
  /// The share of the time in which another task wanted the vCPU's CPU; nil where that is not recorded.
  package var competitorShare: Double? { evidence.contention?.competitorShare }

  /// Whether other tasks end polls, and the recording does not show when they come.
  package var guessesContention: Bool { evidence.contention == nil && !placements.isEmpty }

  /// Whether no waking was recorded, so that latencies are assumed.
  var lacksWakings: Bool { facts.hasNoWakings }

  /// Whether other tasks want its CPU.
  var isContended: Bool {
    evidence.contention.map { $0.share > 0.01 } ?? (facts.cutShare > 0.01 && facts.cut >= 5)
  }

  /// The wake events under `assumption`.
  func schedule(_ assumption: Assumption) -> Schedule {
    var seed: UInt64 = 1
    if case .likely(let draw) = assumption { seed = draw }
    var random = SplitMix64(seed: salt &+ seed &* 0x9e37_79b9)
    let evidence = evidence(assumption)
    let halts = evidence.halts
    var draw = evidence.draw(&random)
    var (latencies, busy) = (evidence.latencies, evidence.busy)
    if assumption == .slower { latencies = latencies.shifted(2) }
    if assumption == .faster { latencies = latencies.shifted(-2) }
    if assumption == .allCutShort { draw.cuts = draw.cuts.assuming(everyPoll: true) }
    if assumption == .noneCutShort { draw.cuts = draw.cuts.assuming(everyPoll: false) }
    var kind = source.kind
    if assumption == .otherSource { kind = kind == .external ? .ownRequests : .external }
    let serves = kind == .external && servesWhileBusy != (assumption == .otherService)
    let hidden = kind == .external ? hiddenEvents(halts, assumption, &random) : []
    var owners = Set<Int>()
    if serves {
      owners = Set(hidden.lazy.filter { $0.time > halts[$0.halt].woke }.map(\.halt))
      busy = busy.without(owners, halts)
    }
    var builder = ScheduleBuilder(
      halts: halts, latencies: latencies, busy: busy, draw: draw,
      contention: contention(assumption), accepted: kind == .external ? evidence.accepted : nil,
      blocks: blocks, random: random)
    builder.hasForeignBusy = owners
    builder.isQuickAfterPoll = assumption == .quickAfterPoll
    return builder.schedule(kind, hidden, serves: serves && !hidden.isEmpty)
  }

  private func contention(_ assumption: Assumption) -> Contention? {
    let contention = evidence.contention
    return switch assumption {
    case .noneCutShort: nil
    case .sleepersStay: contention?.assuming(held: \.range.upperBound)
    case .sleepersGo: contention?.assuming(held: \.range.lowerBound)
    default: contention
    }
  }

  /// What the recording shows; where latencies are assumed, so may longer or shorter ones be.
  private func evidence(_ assumption: Assumption) -> Evidence {
    let scale = assumption == .slower ? 2.5 : assumption == .faster ? 0.3 : 1
    guard scale != 1, evidence.halts.hasNoWakings else { return evidence }
    let latency = Int64(saturating: Double(Observation.assumedLatency) * scale)
    return Evidence(evidence.halts.assuming(latency: latency))
  }

  private func hiddenEvents(
    _ halts: Observation, _ assumption: Assumption, _ random: inout SplitMix64
  ) -> [AcceptedEvents.Hidden] {
    guard let fit else { return evidence.accepted?.hidden ?? [] }
    let gaps = fit.gaps
    let density =
      assumption == .denser ? GapDensity(gaps, grid: fit.density.grid, dense: true) : fit.density
    var hidden = density.hiddenEvents(gaps, fit.likelihoods, halts, &random)
    if assumption == .split {
      let known = Set(hidden.map(\.halt))
      for place in gaps.indices {
        let (halt, length) = (gaps.halt(place), gaps.length(of: place))
        if length / 2 < gaps.hidden(in: place), halts[halt].hasLatency, !known.contains(halt) {
          hidden.append((halts[halt].arrival + Int64(saturating: length) / 2, halt))
        }
      }
    }
    return hidden.map { AcceptedEvents.Hidden(time: $0.time, halt: $0.halt, sending: .alone) }
  }
}

extension Observation {
  /// The wake-up latencies of all halts, as recorded or assumed; of a polled one its poll's.
  var seenLatencies: Histogram {
    var latencies = Histogram()
    for index in 0..<count {
      latencies.add(Nanoseconds(UInt64(clamping: self[index].seenLatency)))
    }
    return latencies
  }

  /// What the halts themselves show, in `blocks` of time, latencies as recorded or assumed.
  ///
  /// Halts whose windows are unknown are taken to have polled as the others did.
  func outcomes(in blocks: TimeBlocks) -> [PollOutcome] {
    var all = [PollOutcome](repeating: .zero, count: blocks.count)
    var known = 0
    for index in 0..<count {
      let halt = self[index]
      var outcome = PollOutcome()
      outcome.halts = 1
      outcome.latency = halt.seenLatency
      known += halt.hasWindow ? 1 : 0
      if halt.window > 0 {
        outcome.attempted = 1
        if halt.slept {
          outcome.failTime = halt.polled
          outcome.abandoned = halt.pollWasCut ? 1 : 0
        } else {
          outcome.successful = 1
          outcome.successTime = halt.block
        }
      }
      all[blocks.index(of: halt.began)] += outcome
    }
    guard known > 0, known < count else { return all }
    return all.map { block in
      var whole = block.scaled(by: Double(count) / Double(known))
      (whole.halts, whole.latency) = (block.halts, block.latency)
      return whole
    }
  }
}

extension Observation.Halt {
  /// From its event to its being seen, in ns.
  fileprivate var seenLatency: Int64 { slept ? latency : Schedule.pollLatency }
}
