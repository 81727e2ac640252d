/// What to read a trace with; after reading, whether to read again knowing more; at last the report.
///
/// A first reading takes the parameters at their word. Where the decisions show that a VM has a
/// ceiling of its own, or that other rules hold, the trace is read once more with what they show,
/// and a third time where that explained nothing.
package struct TraceAnalysis: Sendable {
  package let trace: TraceDescription
  package let options: AnalysisOptions
  /// What tracks are to be read with.
  package private(set) var scope: TrackScope
  private var source: ParameterSource
  private let rulesAreKnown: Bool
  private var readings = 0
  /// How far each thread was from the rules in the first reading.
  private var firstFaults: [ThreadID: UInt64] = [:]

  /// `begin` is the trace's first event: spans that the user names count from there.
  package init(of trace: TraceDescription, begin: Timestamp?, _ options: AnalysisOptions) {
    self.trace = trace
    self.options = options
    let known = TraceSettings(of: trace, options)
    source = known.source
    rulesAreKnown = known.rulesAreKnown
    scope = TrackScope(settings: known.settings)
    scope.clockIsTime = trace.clock.isTime
    let begin = begin ?? Timestamp(0)
    if let from = options.from { scope.from = begin + from }
    if let to = options.to { scope.to = begin + to }
  }

  /// Learns from finished tracks; true where the trace should be read again with `scope`.
  package mutating func learns(from tracks: HostTracks) -> Bool {
    readings += 1
    let before = scope
    switch readings {
    case 1:
      for track in tracks.tracks { firstFaults[track.thread] = track.chain.fidelity.faults }
      learnParameters(from: tracks)
      learnCeilings(from: tracks)
    case 2: unlearnCeilings(from: tracks)
    default: break
    }
    return scope != before
  }

  /// Infers what neither the trace nor the user said, and rules that contradict the decisions.
  private mutating func learnParameters(from tracks: HostTracks) {
    let chains = tracks.tracks.map(\.chain)
    let evidence = chains.reduce(into: RuleEvidence()) { $0.merge($1.evidence) }
    guard !evidence.moves.isEmpty, scope.settings.changes.count == 1 else { return }
    let isContradicted = chains.contains { $0.fidelity.contradicted > 0 }
    guard source == .assumed || (isContradicted && options.rules == nil) else { return }
    let start = scope.settings.changes[0].parameters
    let shown = ParameterInference(
      evidence, preferred: scope.settings.rules, start: start, isKnown: source != .assumed)
    // A lone misfit is a contradiction to be shown, not another kernel.
    guard shown.explained * 100 >= shown.moves * 99 else { return }
    if options.rules == nil { scope.settings.rules = shown.rules }
    if source == .assumed {
      scope.settings.changes[0].parameters = shown.parameters
      source = .inferred
    }
  }

  /// Infers each VM's own ceiling.
  ///
  /// Where the parameter itself is inferred and all VMs show the same ceiling, that is it.
  private mutating func learnCeilings(from tracks: HostTracks) {
    var own: [(ceiling: UInt32, vm: [VCPUTrack])] = []
    let vms = vms(in: tracks)
    let isChanged = scope.settings.changes.count > 1
    let isSampled = scope.settings.rules.ceiling == .sampledAtCreation
    for vm in vms {
      let chains = vm.map(\.chain)
      // A parameter that changed explains several ceilings; a VM's own is one.
      guard !isChanged || isSampled || chains.contains(where: { $0.fidelity.contradicted > 0 })
      else { continue }
      let began = vm.compactMap(\.first?.time).min() ?? Timestamp(0)
      let parameter = scope.settings.parameters(at: isSampled ? began : Timestamp(0)).ceiling
      let shown = CeilingInference(
        chains.reduce(into: RuleEvidence()) { $0.merge($1.evidence) }, parameter: parameter,
        refused: chains.reduce(0) { $0 + $1.fidelity.refused },
        decisions: chains.reduce(0) { $0 + $1.fidelity.recorded })
      if let ceiling = shown.own ?? (isChanged && isSampled ? parameter : nil) {
        own.append((ceiling, vm))
      }
    }
    if source == .inferred, let first = own.first, own.count == vms.count,
      own.allSatisfy({ $0.ceiling == first.ceiling })
    {
      scope.settings.changes[0].parameters.ceiling = first.ceiling
      return
    }
    for (ceiling, vm) in own {
      var settings = scope.settings
      settings.ownCeiling = ceiling
      for track in vm { scope.ownSettings[track.thread] = settings }
    }
  }

  /// Drops ceilings that explain no more than the parameters did: where those changed, the windows
  /// of one VM point at several; where events are missing unnoticed, at none.
  private mutating func unlearnCeilings(from tracks: HostTracks) {
    for track in tracks.tracks where scope.ownSettings[track.thread] != nil {
      let faults = track.chain.fidelity.faults
      if faults > 0, faults >= firstFaults[track.thread] ?? 0 {
        scope.ownSettings[track.thread] = nil
      }
    }
  }

  /// The tracks of each VM; a thread whose process is unknown stands alone.
  private func vms(in tracks: HostTracks) -> [[VCPUTrack]] {
    var byProcess: [ProcessID: [VCPUTrack]] = [:]
    var alone: [[VCPUTrack]] = []
    for track in tracks.tracks {
      let identity = VCPUIdentity(of: track.thread, traced: track.vcpu, in: trace)
      if let process = identity.process {
        byProcess[process, default: []].append(track)
      } else {
        alone.append([track])
      }
    }
    return byProcess.sorted { $0.key < $1.key }.map(\.value) + alone
  }

  /// The report of finished tracks, with what reading counted.
  package func report(of tracks: HostTracks, _ tally: ReadTally, opening: Ledger) -> TraceReport {
    let duration = duration(tally)
    let isAnybodys = tally.lostEventsAreAnybodys(among: tracks)
    var vcpus: [VCPUReport] = []
    var leftOut: [VCPUIdentity] = []
    vcpus.reserveCapacity(tracks.tracks.count)
    for track in tracks.tracks {
      let identity = VCPUIdentity(of: track.thread, traced: track.vcpu, in: trace)
      guard identity.matches(options),
        track.measures.halts > 0 || track.decisionsWithoutWakeup > 0
      else {
        if options.isSelective { leftOut.append(identity) }
        continue
      }
      let settings = scope.settings(of: track.thread)
      var figures = Figures(track, over: duration)
      if isAnybodys { figures.gaps += 1 }
      vcpus.append(
        VCPUReport(
          identity: identity, figures: figures,
          ceiling: settings.parameters(at: tally.last ?? Timestamp(.max)).ceiling,
          ceilingSource: settings.ownCeiling == nil ? .parameter : .inferred))
    }
    vcpus.sort { left, right in
      left.identity.order.lexicographicallyPrecedes(right.identity.order)
    }
    leftOut.sort { $0.order.lexicographicallyPrecedes($1.order) }
    var ledger = opening
    ledger.merge(tally.ledger)
    ledger.note(.tooManyThreads, tracks.ignored)
    if let stated = trace.statedEvents, stated > tally.events {
      ledger.note(
        .damaged, stated - tally.events,
        "events: expected \(stated), as the recorder counted, found \(tally.events)")
    }
    var report = TraceReport(
      trace: trace, tally: tally, duration: duration, settings: scope.settings, source: source,
      vcpus: vcpus, leftOut: leftOut, ledger: ledger)
    report.noteGaps(rulesAreKnown: rulesAreKnown)
    return report
  }

  /// The time that the figures are about.
  private func duration(_ tally: ReadTally) -> Nanoseconds? {
    guard trace.clock.isTime else { return nil }
    // Events outside the time that the recorder noted are right against it.
    let began = [trace.facts?.began, tally.first].compactMap(\.self).min()
    let ended =
      trace.isCutShort ? tally.last : [trace.facts?.ended, tally.last].compactMap(\.self).max()
    guard let began, let ended else { return .zero }
    return min(scope.to, ended) - max(scope.from, began)
  }
}

extension VCPUIdentity {
  /// Sorts by VM, vCPU and thread; the unknown come last.
  fileprivate var order: [Int64] {
    [
      process.map { Int64($0.rawValue) } ?? .max, vcpu.map { Int64($0) } ?? .max,
      Int64(thread.rawValue),
    ]
  }
}
