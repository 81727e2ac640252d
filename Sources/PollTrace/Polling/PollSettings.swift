/// What a VM's windows obey while a trace lasts: the rules, the parameters over time, its ceiling.
package struct PollSettings: Hashable, Sendable {
  /// The parameters from `since` on.
  package struct Change: Hashable, Sendable {
    /// When they were first seen.
    package var since: Timestamp
    /// When the ones before were last seen: the kernel changed in between.
    package var notBefore: Timestamp
    package var parameters: PollParameters
    package init(since: Timestamp, notBefore: Timestamp? = nil, parameters: PollParameters) {
      self.since = since
      self.notBefore = notBefore ?? since
      self.parameters = parameters
    }
  }

  package var rules: PollRules
  /// In order of time, never empty; the first holds from the beginning.
  package var changes: [Change]
  /// The VM's own ceiling (KVM_CAP_HALT_POLL), where the trace shows one.
  package var ownCeiling: UInt32?

  package init(rules: PollRules, changes: [Change], ownCeiling: UInt32? = nil) {
    self.rules = rules
    self.changes = changes
    self.ownCeiling = ownCeiling
  }

  /// Parameters that do not change.
  package init(rules: PollRules, parameters: PollParameters, ownCeiling: UInt32? = nil) {
    self.init(
      rules: rules, changes: [Change(since: Timestamp(0), parameters: parameters)],
      ownCeiling: ownCeiling)
  }

  /// The parameters in force at `time`, the VM's own ceiling put in.
  package func parameters(at time: Timestamp) -> PollParameters {
    var current = changes[0].parameters
    if changes.count > 1 {
      for change in changes.dropFirst() where change.since <= time { current = change.parameters }
    }
    if let ownCeiling { current.ceiling = ownCeiling }
    return current
  }
}

/// Finds what each halt of one thread obeys, in order of time: most traces have one set of parameters
/// from end to end.
struct SettingsInForce: Hashable, Sendable {
  private var settings: PollSettings
  /// The same for all halts, where nothing changes.
  private(set) var only: EffectiveParameters?
  /// Parameters seen up to then have shown to hold already.
  private var adopted = Timestamp(0)

  init(_ settings: PollSettings) {
    self.settings = settings
    only =
      settings.changes.count == 1
      ? EffectiveParameters(
        rules: settings.rules, parameters: settings.parameters(at: Timestamp(0)))
      : nil
  }

  /// Takes other settings, which say the same of what was seen to hold already.
  mutating func become(_ settings: PollSettings) {
    let adopted = adopted
    self = Self(settings)
    self.adopted = adopted
  }

  /// What holds at `time`, as far as it was seen.
  @inline(__always)
  func at(_ time: Timestamp) -> EffectiveParameters { only ?? seen(at: time) }

  private func seen(at time: Timestamp) -> EffectiveParameters {
    EffectiveParameters(rules: settings.rules, parameters: settings.parameters(at: time))
  }

  /// The same for a halt that began at `begin`, before what holds at `time` did perhaps.
  private func seen(at time: Timestamp, begin: Timestamp) -> EffectiveParameters {
    var effective = seen(at: time)
    effective.ceilingAtEntry = settings.parameters(at: min(time, max(begin, adopted))).ceiling
    return effective
  }

  /// What `halt` obeyed, which the last one left a window of `left` ns.
  ///
  /// Somebody who changes a parameter is seen a moment later. Between the two a halt obeys the
  /// later parameters if only they explain what the kernel did, and from then on all do.
  @inline(never)
  mutating func of(_ halt: Halt, left: UInt32) -> EffectiveParameters {
    if let only { return only }
    let time = max(halt.woke, adopted)
    let current = seen(at: time, begin: halt.began)
    guard !current.explain(halt, left) else { return current }
    let changed = seen(at: time)
    // It was changed before the halt began, and seen after.
    if changed.explain(halt, left) { return changed }
    // A decision shows that they do not hold yet, after all; a missing one may have another reason.
    let recorded = seen(at: halt.woke)
    if halt.woke < adopted, halt.decision != nil, recorded.explain(halt, left) {
      adopted = Timestamp(0)
      return recorded
    }
    for change in settings.changes where change.notBefore <= halt.woke && halt.woke < change.since {
      let earlier = settings.parameters(at: change.since - Nanoseconds(1))
      let later = settings.parameters(at: change.since)
      // Whoever changes several writes one after the other; a halt may have begun before that.
      for parameters in [later] + earlier.mixtures(with: later) {
        for ceiling in [parameters.ceiling, earlier.ceiling] {
          let effective = EffectiveParameters(
            rules: settings.rules, parameters: parameters, ceilingAtEntry: ceiling)
          guard effective.explain(halt, left) else { continue }
          if parameters == later { adopted = max(adopted, change.since) }
          return effective
        }
      }
    }
    return current
  }
}

extension PollParameters {
  /// Some of these and some of the `later` ones.
  fileprivate func mixtures(with later: PollParameters) -> [PollParameters] {
    (1..<15).map { taken in
      PollParameters(
        ceiling: taken & 1 == 0 ? ceiling : later.ceiling,
        grow: taken & 2 == 0 ? grow : later.grow,
        growStart: taken & 4 == 0 ? growStart : later.growStart,
        shrink: taken & 8 == 0 ? shrink : later.shrink)
    }
  }
}
