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

  /// The differences between kernels.
  package struct Rules: Hashable, Sendable {
    /// From 6.9 on ("cpuidle: haltpoll: do not shrink guest poll_limit_ns below grow_start") a limit
    /// that is shrunk below `guest_halt_poll_grow_start` becomes 0.
    package var shrinkClosesBelowGrowStart: Bool

    /// 5.4 to 6.8.
    package static let linux5_4 = Rules(shrinkClosesBelowGrowStart: false)
    /// 6.9 and newer.
    package static let linux6_9 = Rules(shrinkClosesBelowGrowStart: true)
  }

  /// In ns; 0: the CPU halts at once.
  package private(set) var length: UInt32 = 0

  package init() {}

  /// A halt has lasted for `residency` ns, from the poll's end to the wake-up.
  package mutating func reflect(
    _ residency: UInt64, _ parameters: Parameters, _ rules: Rules = .linux6_9
  ) {
    if residency > UInt64(length), residency <= UInt64(parameters.most) {
      length = min(max(length &* parameters.grow, parameters.growStart), parameters.most)
    } else if residency > UInt64(parameters.most), parameters.allowsShrink {
      length = parameters.shrink == 0 ? 0 : length / parameters.shrink
      if rules.shrinkClosesBelowGrowStart, length < parameters.growStart { length = 0 }
    }
  }
}
