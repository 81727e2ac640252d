/// What KVM itself counted of the halts of one vCPU, or of several, since each was made.
///
/// linux include/linux/kvm_host.h `KVM_GENERIC_VCPU_STATS`, arch/x86/kvm/x86.c `halt_exits`. What the
/// kernel does not count, or a source does not show, is nil.
package struct HaltCounters: Hashable, Sendable {
  /// One number; times are in ns.
  package enum Count: Int, CaseIterable, Hashable, Sendable {
    /// HLT instructions that left the guest (x86). Those that KVM need not wait for are among them.
    case exits
    /// Halts that a wake-up ended after the vCPU had slept.
    case wakeups
    case attemptedPolls, successfulPolls, invalidPolls
    case successfulPollTime, failedPollTime
    /// Time asleep, after whatever poll there was.
    case waitTime

    /// The kernel's name of it.
    package var name: String {
      switch self {
      case .exits: "halt_exits"
      case .wakeups: "halt_wakeup"
      case .attemptedPolls: "halt_attempted_poll"
      case .successfulPolls: "halt_successful_poll"
      case .invalidPolls: "halt_poll_invalid"
      case .successfulPollTime: "halt_poll_success_ns"
      case .failedPollTime: "halt_poll_fail_ns"
      case .waitTime: "halt_wait_ns"
      }
    }

    /// Whether it is a length of time.
    package var isTime: Bool {
      switch self {
      case .successfulPollTime, .failedPollTime, .waitTime: true
      default: false
      }
    }
  }

  /// Lengths of polls that succeeded or failed, or of waits, in KVM's 32 buckets.
  package enum Spread: Int, CaseIterable, Hashable, Sendable {
    case successes, failures
    /// Time asleep, of halts that slept.
    case waits

    /// The kernel's name of it.
    package var name: String {
      switch self {
      case .successes: "halt_poll_success_hist"
      case .failures: "halt_poll_fail_hist"
      case .waits: "halt_wait_hist"
      }
    }
  }

  private var counts = [UInt64?](repeating: nil, count: Count.allCases.count)
  private var spreads = [LogHistogram?](repeating: nil, count: Spread.allCases.count)

  package init() {}

  package subscript(count: Count) -> UInt64? {
    get { counts[count.rawValue] }
    set { counts[count.rawValue] = newValue }
  }

  package subscript(spread: Spread) -> LogHistogram? {
    get { spreads[spread.rawValue] }
    set { spreads[spread.rawValue] = newValue }
  }

  /// What was counted since `earlier`; nil where that is not known, or where it counts from anew.
  package func since(_ earlier: HaltCounters) -> HaltCounters {
    var difference = HaltCounters()
    for count in Count.allCases {
      if let now = self[count], let before = earlier[count], now >= before {
        difference[count] = now - before
      }
    }
    for spread in Spread.allCases {
      if let now = self[spread], let before = earlier[spread] {
        difference[spread] = now.since(before)
      }
    }
    return difference
  }

  /// The sums of both; nil where one of them is not known.
  package func plus(_ other: HaltCounters) -> HaltCounters {
    var sum = HaltCounters()
    for count in Count.allCases {
      if let left = self[count], let right = other[count] { sum[count] = left.plus(right) }
    }
    for spread in Spread.allCases {
      guard var merged = self[spread], let right = other[spread] else { continue }
      merged.merge(right)
      sum[spread] = merged
    }
    return sum
  }

  /// The sums of several; nil where there is none.
  package static func sum(of all: [HaltCounters]) -> HaltCounters? {
    guard var sum = all.first else { return nil }
    for counters in all.dropFirst() { sum = sum.plus(counters) }
    return sum
  }
}

extension HaltCounters {
  /// Time in polls, whatever came of them.
  package var pollTime: UInt64? {
    guard let successful = self[.successfulPollTime], let failed = self[.failedPollTime] else {
      return nil
    }
    return successful.plus(failed)
  }

  /// Halts, polled or slept: known where waits are shown by length.
  package var halts: UInt64? {
    guard let polled = self[.successfulPolls], let waits = self[.waits] else { return nil }
    return polled.plus(waits.total)
  }

  /// The share of halts that a poll ended; nil where there is none.
  package var polledShare: Double? {
    guard let halts, halts > 0, let polled = self[.successfulPolls] else { return nil }
    return Double(polled) / Double(halts)
  }
}
