/// Halts in a row without any decision, under one window that is not known yet.
///
/// No decision means that the window stayed as it was. So it is either closed for all of them or
/// open for all of them, and in the second case none of them outlasted it: both accounts are kept,
/// and the next decision's `old` (or the one before, in an earlier part of the trace) picks one.
package struct UndecidedRun: Hashable, Sendable {
  /// The run's halts that count for the figures, and all of them.
  package private(set) var counted: UInt64 = 0
  package private(set) var count: UInt64 = 0
  /// Halts shorter than the ceiling: a closed window would have grown.
  package private(set) var shorterThanCeiling: UInt64 = 0
  /// Halts longer than the ceiling: an open window would have shrunk.
  package private(set) var longerThanCeiling: UInt64 = 0
  /// When its first halt began.
  package private(set) var began: Timestamp?
  /// What polling did if the window was open, and if it was closed; none before the first halt that
  /// counts, as most vCPUs never have one.
  private var accounts: [PollAccount] = []
  package var ifOpen: PollAccount { accounts.first ?? PollAccount() }
  package var ifClosed: PollAccount { accounts.last ?? PollAccount() }

  package init() {}

  /// Takes a halt in; `isCounted` is false outside the time that the figures are about.
  package mutating func add(_ halt: Halt, _ law: PollLaw, isCounted: Bool) {
    let ceiling = Nanoseconds(UInt64(law.parameters.ceiling))
    count += 1
    if began == nil { began = halt.began }
    if halt.block < ceiling, halt.block != .zero { shorterThanCeiling += 1 }
    if halt.block > ceiling { longerThanCeiling += 1 }
    guard isCounted else { return }
    counted += 1
    if accounts.isEmpty { accounts = [PollAccount(), PollAccount()] }
    // Longer than the ceiling: an open window would have shrunk if the vCPU did poll.
    accounts[0].add(halt, window: halt.block > ceiling ? 0 : .max, rules: law.rules)
    accounts[1].add(halt, window: 0, rules: law.rules)
  }

  /// Goes on with a later run under the same window.
  package mutating func merge(_ later: UndecidedRun) {
    counted += later.counted
    began = began ?? later.began
    count += later.count
    shorterThanCeiling += later.shorterThanCeiling
    longerThanCeiling += later.longerThanCeiling
    if accounts.isEmpty {
      accounts = later.accounts
    } else {
      for index in later.accounts.indices { accounts[index].merge(later.accounts[index]) }
    }
  }
}
