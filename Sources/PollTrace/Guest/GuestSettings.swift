/// What the limits of a guest's CPUs obey while a trace lasts: the rules, and the parameters over time.
package struct GuestSettings: Hashable, Sendable {
  /// The parameters from `since` on.
  package struct Change: Hashable, Sendable {
    /// When they were first seen.
    package var since: Timestamp
    /// When the ones before were last seen: the kernel changed in between.
    package var notBefore: Timestamp
    package var parameters: GuestPollLimit.Parameters

    package init(
      since: Timestamp, notBefore: Timestamp? = nil, parameters: GuestPollLimit.Parameters
    ) {
      (self.since, self.notBefore, self.parameters) = (since, notBefore ?? since, parameters)
    }
  }

  package var rules: GuestRules
  /// In order of time, never empty; the first holds from the beginning.
  package var changes: [Change]

  package init(rules: GuestRules, changes: [Change]) {
    (self.rules, self.changes) = (rules, changes)
  }

  /// Parameters that do not change.
  package init(rules: GuestRules = .newest, parameters: GuestPollLimit.Parameters = .init()) {
    self.init(rules: rules, changes: [Change(since: Timestamp(0), parameters: parameters)])
  }

  /// The parameters in force at `time`, as far as they were seen.
  package func parameters(at time: Timestamp) -> GuestPollLimit.Parameters {
    changes.last { $0.since <= time }?.parameters ?? changes[0].parameters
  }

  /// All that may have been in force at `time`: what was seen, and where somebody changed them at about
  /// that time, each mixture of before and after, as parameters are written one after the other.
  func candidates(at time: Timestamp) -> [GuestPollLimit.Parameters] {
    var found = [parameters(at: time)]
    for (before, change) in zip(changes, changes.dropFirst())
    where change.notBefore <= time && time < change.since {
      found += before.parameters.mixtures(with: change.parameters)
    }
    return found
  }
}

extension GuestPollLimit.Parameters {
  /// The kernel's names of the parameters.
  package static let names = [
    "guest_halt_poll_ns", "guest_halt_poll_grow", "guest_halt_poll_grow_start",
    "guest_halt_poll_shrink", "guest_halt_poll_allow_shrink",
  ]
  /// What a setting list calls them, in the same order.
  package static let shortNames = [
    "guest_halt_poll_ns", "grow", "grow_start", "shrink", "allow_shrink",
  ]
  /// The values as sysfs has them, in the same order.
  package var values: [String] {
    ["\(most)", "\(grow)", "\(growStart)", "\(shrink)", allowsShrink ? "Y" : "N"]
  }

  /// Some of these and some of the `later` ones, the later ones themselves first.
  fileprivate func mixtures(with later: Self) -> [Self] {
    (0..<31).map { kept in
      var mixed = later
      if kept & 1 != 0 { mixed.most = most }
      if kept & 2 != 0 { mixed.grow = grow }
      if kept & 4 != 0 { mixed.growStart = growStart }
      if kept & 8 != 0 { mixed.shrink = shrink }
      if kept & 16 != 0 { mixed.allowsShrink = allowsShrink }
      return mixed
    }
  }
}
