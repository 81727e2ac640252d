/// What one halt obeys: the rules and the parameters in force, the VM's own ceiling put in.
package struct PollLaw: Hashable, Sendable {
  package var rules: PollRules
  package var parameters: PollParameters
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

  /// The parameters in force for `halt`, which began with a window of `window` ns.
  ///
  /// Somebody who changes a parameter is seen a moment later. Between the two a halt obeys the
  /// later parameters if only they explain what the kernel did, and from then on all do: `adopted`
  /// is the time from which that is so in any case.
  fileprivate func parameters(
    for halt: Halt, window: UInt32, adopted: inout Timestamp
  ) -> PollParameters {
    let current = parameters(at: max(halt.woke, adopted))
    guard changes.count > 1, !explains(halt, window, current) else { return current }
    if halt.woke < adopted, explains(halt, window, parameters(at: halt.woke)) {
      adopted = Timestamp(0)
      return parameters(at: halt.woke)
    }
    for change in changes where change.notBefore <= halt.woke && halt.woke < change.since {
      let later = parameters(at: change.since)
      if change.since > adopted, explains(halt, window, later) {
        adopted = change.since
        return later
      }
      // Whoever changes several writes one after the other.
      for mixed in current.mixtures(with: later) where explains(halt, window, mixed) {
        return mixed
      }
    }
    return current
  }

  private func explains(_ halt: Halt, _ left: UInt32, _ parameters: PollParameters) -> Bool {
    var window = PollWindow(length: left)
    window.enter(ceiling: parameters.ceiling, rules: rules)
    let change = window.leave(
      after: halt.block.rawValue, isValid: halt.isValid, parameters: parameters, rules: rules)
    return change
      == (halt.decision.map { .moved($0.move, old: $0.old, new: $0.new) } ?? PollWindow.Change.none)
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
      settings.changes.count == 1
      ? PollLaw(rules: settings.rules, parameters: settings.parameters(at: Timestamp(0))) : nil
  }

  /// The law at `time`.
  func law(at time: Timestamp) -> PollLaw {
    only ?? PollLaw(rules: settings.rules, parameters: settings.parameters(at: time))
  }

  /// The law for `halt`, which began with a window of `window` ns, where the parameters seen at
  /// `adopted` have shown to hold already.
  func law(for halt: Halt, window: UInt32, adopted: inout Timestamp) -> PollLaw {
    only
      ?? PollLaw(
        rules: settings.rules,
        parameters: settings.parameters(for: halt, window: window, adopted: &adopted))
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
