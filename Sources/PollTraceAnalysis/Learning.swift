package import PollTrace

/// What a first pass over a trace shows of the settings, and so what a second one is to be made with.
///
/// A first pass takes the parameters at their word. Where the decisions show that a VM has a ceiling
/// of its own, or that other rules hold, a second one knows.
package struct Learning: Sendable {
  package let trace: TraceDescription
  package let options: AnalysisOptions
  /// What a pass is to be made with.
  package private(set) var scope: TrackScope
  package private(set) var sources: ParameterSources
  /// Whether the rules were taken from a kernel's release or from the user, or assumed.
  package let rulesAreKnown: Bool
  /// What the decisions say of the ceiling, where it was not recorded.
  package private(set) var ceilingBounds: ClosedRange<UInt32>?

  /// `begin` is the trace's first event: spans that the user names count from there.
  package init(of trace: TraceDescription, begin: Timestamp?, _ options: AnalysisOptions) {
    self.trace = trace
    self.options = options
    let known = TraceSettings(of: trace, options)
    sources = known.sources
    rulesAreKnown = known.rulesAreKnown
    scope = TrackScope(settings: known.settings)
    scope.clockIsTime = trace.clock.isTime
    scope.timeStep = trace.timeStep
    scope.decisionsAreRecorded = trace.decisionsAreRecorded ?? true
    scope.vcpus = Set((trace.facts?.vcpus ?? []).map(\.thread))
    scope.idleSwitches = trace.facts?.idleSwitches
    let begin = begin ?? Timestamp(0)
    if let from = options.from { scope.from = begin + from }
    if let to = options.to { scope.to = begin + to }
  }

  /// Learns from the tracks of a first pass, and from who else had the CPUs, if that was asked for;
  /// true where a second one would come to something else.
  package mutating func learns(
    from tracks: [VCPUTrack], _ occupancy: [CPU: [Occupancy]]? = nil
  ) -> Bool {
    let before = scope.learnt
    scope.wakeupsAreRecorded =
      tracks.contains(where: \.hasWakeups) || tracks.allSatisfy(\.lone.isEmpty)
    if trace.decisionsAreRecorded == nil {
      // A text proves by a decision that they were recorded, and by none nothing.
      scope.decisionsAreRecorded = tracks.contains {
        $0.fidelity.recorded > 0 || $0.decisionsWithoutWakeup > 0
      }
    }
    learnParameters(from: tracks)
    if scope.decisionsAreRecorded { learnCeilings(from: tracks) }
    let vcpus = Set(tracks.map(\.thread))
    // A vCPU was taken for another task.
    let isMistaken = occupancy != nil && !vcpus.isSubset(of: scope.vcpus)
    scope.vcpus.formUnion(vcpus)
    return isMistaken || before != scope.learnt
  }

  /// Infers what neither the trace nor the user said, and rules that contradict the decisions.
  private mutating func learnParameters(from tracks: [VCPUTrack]) {
    let evidence = evidence(of: tracks)
    guard !evidence.moves.isEmpty, scope.settings.changes.count == 1 else { return }
    let isAssumed = sources == ParameterSources(.assumed)
    let isContradicted = tracks.contains(where: isContradicted)
    guard isAssumed || (isContradicted && options.rules == nil) else { return }
    let start = scope.settings.changes[0].parameters
    let shown = ParameterInference(
      evidence, preferred: scope.settings.rules, start: start, isKnown: !isAssumed)
    // A lone misfit is a contradiction to be shown, not another kernel.
    guard shown.explained * 100 >= shown.moves * 99 else { return }
    if options.rules == nil { scope.settings.rules = shown.rules }
    guard isAssumed else { return }
    scope.settings.changes[0].parameters = shown.parameters
    if shown.showsGrow { sources.grow = .inferred }
    if shown.showsGrowStart { sources.growStart = .inferred }
    if shown.showsShrink { sources.shrink = .inferred }
  }

  /// What the decisions of `tracks` say: where there are no wake-ups, by themselves.
  private func evidence(of tracks: [VCPUTrack]) -> RuleEvidence {
    tracks.reduce(into: RuleEvidence()) {
      $0.merge(scope.wakeupsAreRecorded ? $1.evidence : $1.lone.evidence)
    }
  }

  private func isContradicted(_ track: VCPUTrack) -> Bool {
    scope.wakeupsAreRecorded
      ? track.fidelity.contradicted > 0 || track.gapsShown > 0
      : track.lone.reproduced < track.lone.count || track.lone.gaps > 0
  }

  /// Infers each VM's own ceiling.
  ///
  /// Where the parameter itself is assumed, it is a value that no VM's decisions rule out, if there is
  /// one.
  private mutating func learnCeilings(from tracks: [VCPUTrack]) {
    var own: [(ceiling: UInt32, vm: [VCPUTrack])] = []
    let vms = vms(in: tracks)
    let isChanged = scope.settings.changes.count > 1
    let isSampled = scope.settings.rules.ceiling == .sampledAtCreation
    var bounds: [CeilingInference] = []
    for vm in vms {
      // A parameter that changed explains several ceilings; a VM's own is one.
      guard !isChanged || isSampled || vm.contains(where: isContradicted) else { continue }
      let began = vm.compactMap(\.first?.time).min() ?? Timestamp(0)
      let parameter = scope.settings.parameters(at: isSampled ? began : Timestamp(0)).ceiling
      let shown = CeilingInference(
        evidence(of: vm), parameter: parameter,
        refused: vm.reduce(0) { $0 + $1.fidelity.refused },
        decisions: vm.reduce(0) {
          $0 + (scope.wakeupsAreRecorded ? $1.fidelity.recorded : $1.lone.count)
        })
      bounds.append(shown)
      if let ceiling = shown.own ?? (isChanged && isSampled ? parameter : nil) {
        own.append((ceiling, vm))
      }
    }
    if sources.ceiling == .assumed {
      if own.count == vms.count, let common = CeilingInference.common(to: bounds) {
        scope.settings.changes[0].parameters.ceiling = common
        sources.ceiling = .inferred
        return
      }
      learnCeiling(bounds)
    }
    for (ceiling, vm) in own {
      var settings = scope.settings
      settings.ownCeiling = ceiling
      for track in vm { scope.ownSettings[track.thread] = settings }
    }
  }

  /// Notes what the VMs that obey the parameter, which nobody recorded, say of its value.
  private mutating func learnCeiling(_ vms: [CeilingInference]) {
    let obedient = vms.filter { $0.own == nil && $0.hasDecisions }
    guard let low = obedient.map(\.atLeast).max(), let high = obedient.map(\.atMost).min(),
      low <= high
    else { return }
    ceilingBounds = low...high
    // Halts on both sides, or a cut, leave one value that people choose.
    let parameter = scope.settings.changes[0].parameters.ceiling
    if high < .max, CeilingInference.roundest(low, high) == parameter {
      sources.ceiling = .inferred
    }
  }

  /// The tracks of each VM; a thread whose process is unknown stands alone.
  private func vms(in tracks: [VCPUTrack]) -> [[VCPUTrack]] {
    var byProcess: [ProcessID: [VCPUTrack]] = [:]
    var alone: [[VCPUTrack]] = []
    for track in tracks {
      let identity = VCPUIdentity(of: track.thread, traced: track.vcpu, in: trace)
      if let process = identity.process {
        byProcess[process, default: []].append(track)
      } else {
        alone.append([track])
      }
    }
    return byProcess.sorted { $0.key < $1.key }.map(\.value) + alone
  }
}

extension TrackScope {
  /// What a second pass would be made with otherwise than the first.
  fileprivate struct Learnt: Equatable {
    var settings: PollSettings
    var ownSettings: [ThreadID: PollSettings]
    var decisionsAreRecorded: Bool
  }

  fileprivate var learnt: Learnt {
    Learnt(
      settings: settings, ownSettings: ownSettings, decisionsAreRecorded: decisionsAreRecorded)
  }
}
