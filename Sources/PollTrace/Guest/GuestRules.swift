/// The differences between kernels in how the haltpoll governor moves a CPU's limit.
///
/// linux drivers/cpuidle/governors/haltpoll.c; docs/method.md has the table.
package struct GuestRules: Hashable, Sendable {
  /// The version from which on kernels have them.
  package let name: String
  /// Until 5.4 a residency is whole µs (`dev->last_residency`), from 5.5 on ns ("cpuidle: Use nanoseconds
  /// as the unit of time").
  package let residencyIsInMicroseconds: Bool
  /// From 6.9 on ("cpuidle: haltpoll: do not shrink guest poll_limit_ns below grow_start") a limit that is
  /// shrunk below `guest_halt_poll_grow_start` becomes 0.
  package let shrinkClosesBelowGrowStart: Bool

  /// The governor came with 5.4.
  package static let linux5_4 = GuestRules(
    name: "5.4", residencyIsInMicroseconds: true, shrinkClosesBelowGrowStart: false)
  package static let linux5_5 = GuestRules(
    name: "5.5", residencyIsInMicroseconds: false, shrinkClosesBelowGrowStart: false)
  package static let linux6_9 = GuestRules(
    name: "6.9", residencyIsInMicroseconds: false, shrinkClosesBelowGrowStart: true)
  package static let newest = linux6_9

  /// Those of kernel `release` (`6.1.0-13-amd64`); nil where it does not begin with a version, or had no
  /// such governor.
  package static func of(release: some StringProtocol) -> GuestRules? {
    let numbers = release.split { ".-+_".contains($0) }.prefix(2).map { UInt64($0) }
    guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    switch (major, minor) {
    case (5, 4): return linux5_4
    case (5, 5...), (6, 0...8): return linux5_5
    case (6, 9...), (7..., _): return linux6_9
    default: return nil
    }
  }

  /// The rules that a kernel with a backport, or without one, would have instead; only kernels that trace
  /// decisions (6.0 and newer) show it.
  package var alternative: GuestRules { shrinkClosesBelowGrowStart ? .linux5_5 : .linux6_9 }
}
