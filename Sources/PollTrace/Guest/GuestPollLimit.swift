/// How long a guest's CPU polls before it halts, moved by each halt (`dev->poll_limit_ns`).
///
/// Follows `adjust_poll_limit()` of linux drivers/cpuidle/governors/haltpoll.c branch by branch.
/// Unlike KVM's window it knows nothing of polls: `haltpoll_reflect()` passes the residency of the
/// halt alone, without the poll before it, and nothing after a poll that met its event.
package struct GuestPollLimit: Hashable, Sendable {
  /// The governor's module parameters; lengths in ns.
  package struct Parameters: Hashable, Sendable {
    /// `guest_halt_poll_ns`: the longest limit; 0 switches the guest's polling off.
    package var most: UInt32 = 200_000
    /// `guest_halt_poll_shrink`: the divisor of a limit (0 = closes it).
    package var shrink: UInt32 = 2
    /// `guest_halt_poll_grow`: the factor of a limit.
    package var grow: UInt32 = 2
    /// `guest_halt_poll_grow_start`: the shortest limit that a limit grows to.
    package var growStart: UInt32 = 50_000
    /// `guest_halt_poll_allow_shrink`.
    package var allowsShrink = true

    /// The kernel's defaults.
    package init() {}
  }

  /// What the kernel did after a halt.
  package enum Change: Hashable, Sendable {
    /// It left the limit alone and traced nothing.
    case none
    case moved(GuestDecision)
  }

  /// In ns; 0: the CPU halts at once.
  package private(set) var length: UInt32 = 0

  package init(length: UInt32 = 0) { self.length = length }

  /// A halt has lasted for `residency` ns, from the poll's end to the wake-up.
  @discardableResult
  package mutating func reflect(
    _ residency: UInt64, _ parameters: Parameters, _ rules: GuestRules = .newest
  ) -> Change {
    let old = length
    let residency = rules.residencyIsInMicroseconds ? residency / 1_000 * 1_000 : residency
    if residency > UInt64(length), residency <= UInt64(parameters.most) {
      length = min(max(length &* parameters.grow, parameters.growStart), parameters.most)
      return .moved(GuestDecision(.grow, old: old, new: length))
    }
    guard residency > UInt64(parameters.most), parameters.allowsShrink else { return .none }
    length = parameters.shrink == 0 ? 0 : length / parameters.shrink
    if rules.shrinkClosesBelowGrowStart, length < parameters.growStart { length = 0 }
    return .moved(GuestDecision(.shrink, old: old, new: length))
  }
}

/// A move of one CPU's limit, as the kernel traced it (`power:guest_halt_poll_ns`, from 6.0 on).
///
/// It is traced at each decision, also where the limit stays 0.
package struct GuestDecision: Hashable, Sendable {
  package var move: Decision.Move
  /// The limit before and after, in ns.
  package var old: UInt32
  package var new: UInt32

  package init(_ move: Decision.Move, old: UInt32, new: UInt32) {
    (self.move, self.old, self.new) = (move, old, new)
  }
}
