/// What a vCPU's counters look like where halt polling often does not pay.
///
/// Counters have no windows, no decisions and no lengths of single halts, so that none of these is more
/// than a reason to record.
package enum CounterPattern: Hashable, Sendable, CaseIterable {
  /// Nearly all polls end before a window could have been over: other tasks want the CPU.
  case abandoned
  /// Hardly a poll, and most waits end a little beyond the ceiling.
  case justAboveCeiling
  /// Hardly a poll, since most waits outlast the ceiling.
  case neverOpen
  /// Hardly a poll, though most waits are shorter than the ceiling: the guest polls itself and has
  /// switched the host's polling off, or the VM has a ceiling of its own.
  case guestPolls
  /// Most of a CPU goes into polls that succeed.
  case pollsThrough
  /// Polls fail, and cost much of a CPU.
  case wasteful

  /// Fewer halts than this say nothing.
  static let fewest: UInt64 = 200

  /// The pattern of `counters`, counted in `time` under `parameters`; nil where there is none.
  ///
  /// linux virt/kvm/kvm_main.c `kvm_vcpu_halt()`: a window opens at `grow_start` after a halt that was
  /// shorter than the ceiling, and an open one is not shorter than that (5.15 and newer).
  package init?(_ counters: HaltCounters, in time: Nanoseconds, _ parameters: PollParameters) {
    guard let halts = counters.halts, halts >= Self.fewest, time > 0,
      let attempted = counters[.attemptedPolls], let successful = counters[.successfulPolls],
      let waits = counters[.waits]
    else { return nil }
    let ceiling = UInt64(parameters.ceiling)
    if ceiling > 0, Double(attempted) < 0.02 * Double(halts) {
      self = Self.withoutPolls(waits, ceiling)
      return
    }
    if attempted >= Self.fewest, Double(successful) < 0.05 * Double(attempted),
      let failures = counters[.failures]
    {
      let short = failures.count { $0.to.map { $0 <= UInt64(parameters.growStart) } ?? false }
      if Double(short) > 0.9 * Double(failures.total) {
        self = .abandoned
        return
      }
    }
    func share(_ count: HaltCounters.Count) -> Double {
      Double(counters[count] ?? 0) / Double(time.rawValue)
    }
    if share(.successfulPollTime) > 0.5 {
      self = .pollsThrough
    } else if share(.failedPollTime) > 0.1 {
      self = .wasteful
    } else {
      return nil
    }
  }

  private static func withoutPolls(_ waits: LogHistogram, _ ceiling: UInt64) -> Self {
    let half = Double(waits.total) / 2
    let below = waits.count { $0.to.map { $0 <= ceiling } ?? false }
    let near = waits.count { bounds in
      bounds.from < 2 * ceiling && (bounds.to ?? .max) > ceiling
    }
    if Double(below) > half { return .guestPolls }
    return Double(near) > half ? .justAboveCeiling : .neverOpen
  }
}
