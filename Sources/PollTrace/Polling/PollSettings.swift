/// What one halt obeys: the rules and the parameters in force, the VM's own ceiling put in.
package struct PollLaw: Hashable, Sendable {
  package var rules: PollRules
  package var parameters: PollParameters
  /// The ceiling that it began with, in ns: another one where it was changed during the halt.
  package var ceilingAtEntry: UInt32

  package init(rules: PollRules, parameters: PollParameters, ceilingAtEntry: UInt32? = nil) {
    self.rules = rules
    self.parameters = parameters
    self.ceilingAtEntry = ceilingAtEntry ?? parameters.ceiling
  }
}

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

  /// The law at `time`.
  fileprivate func law(at time: Timestamp) -> PollLaw {
    PollLaw(rules: rules, parameters: parameters(at: time))
  }

  /// The law for `halt`, which began with a window of `window` ns.
  ///
  /// Somebody who changes a parameter is seen a moment later. Between the two a halt obeys the
  /// later parameters if only they explain what the kernel did, and from then on all do: `adopted`
  /// is the time from which that is so in any case.
  fileprivate func law(for halt: Halt, window: UInt32, adopted: inout Timestamp) -> PollLaw {
    let current = law(at: max(halt.woke, adopted))
    guard changes.count > 1, !current.explains(halt, window) else { return current }
    // A decision shows that they do not, after all; a missing one may have another reason.
    let seen = law(at: halt.woke)
    if halt.woke < adopted, halt.decision != nil, seen.explains(halt, window) {
      adopted = Timestamp(0)
      return seen
    }
    for change in changes where change.notBefore <= halt.woke && halt.woke < change.since {
      let earlier = parameters(at: Timestamp(change.since.rawValue - 1))
      let later = parameters(at: change.since)
      // Whoever changes several writes one after the other; a halt may have begun before that.
      for parameters in [later] + earlier.mixtures(with: later) {
        for ceiling in [parameters.ceiling, earlier.ceiling] {
          let law = PollLaw(rules: rules, parameters: parameters, ceilingAtEntry: ceiling)
          guard law.explains(halt, window) else { continue }
          if parameters == later { adopted = max(adopted, change.since) }
          return law
        }
      }
    }
    return current
  }
}

/// What the halts of one thread obey: most traces have one set of parameters from end to end.
struct PollLaws {
  private let settings: PollSettings
  /// The one law, where it never changes.
  let only: PollLaw?

  init(_ settings: PollSettings) {
    self.settings = settings
    only =
      settings.changes.count == 1 ? settings.law(at: Timestamp(0)) : nil
  }

  /// The law at `time`.
  func law(at time: Timestamp) -> PollLaw {
    only ?? settings.law(at: time)
  }

  /// The law for `halt`, which began with a window of `window` ns, where the parameters seen at
  /// `adopted` have shown to hold already.
  func law(for halt: Halt, window: UInt32, adopted: inout Timestamp) -> PollLaw {
    only ?? settings.law(for: halt, window: window, adopted: &adopted)
  }
}

extension PollLaw {
  /// Whether the kernel did at `halt`, which the last one left a window of `left` ns, what it says.
  fileprivate func explains(_ halt: Halt, _ left: UInt32) -> Bool {
    var window = PollWindow(length: left)
    window.enter(ceiling: ceilingAtEntry, rules: rules)
    let change = window.leave(
      after: halt.block.rawValue, isValid: halt.isValid, parameters: parameters, rules: rules)
    return change
      == (halt.decision.map { .moved($0.move, old: $0.old, new: $0.new) } ?? PollWindow.Change.none)
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
