internal import PollTrace

/// What polling did, or would have done, in some time on some vCPUs: additive in every field.
///
/// Sums stop at the greatest number there is: times of a damaged file add up to anything.
package struct PollOutcome: Hashable, Sendable, AdditiveArithmetic {
  package var halts: Int64 = 0
  package var attempted: Int64 = 0
  package var successful: Int64 = 0
  /// Polls that were cut short before their window ended.
  package var abandoned: Int64 = 0
  /// Time in successful and in failed polls, in ns.
  package var successTime: Int64 = 0
  package var failTime: Int64 = 0
  /// From each wake event to its being seen, summed, in ns.
  package var latency: Int64 = 0
  /// Halts that were seen later than the replay's limit; 0 where it has none.
  package var late: Int64 = 0

  package init() {}
  package static var zero: Self { Self() }

  /// Time spent polling, in ns.
  package var pollTime: Int64 { successTime.plus(failTime) }

  /// The share of a CPU that polling took of `time` ns.
  package func pollShare(of time: Double) -> Double { time > 0 ? Double(pollTime) / time : 0 }

  /// Successful polls / halts.
  package var hitRate: Double { Double(successful) / Double(max(1, halts)) }

  /// The mean wake-up latency of a halt, in ns.
  package var meanLatency: Double { Double(latency) / Double(max(1, halts)) }

  /// The share of halts that were seen later than the limit.
  package var lateShare: Double { Double(late) / Double(max(1, halts)) }

  package static func + (left: Self, right: Self) -> Self {
    left.mapped(right) { $0.plus($1) }
  }

  package static func += (left: inout Self, right: Self) { left = left + right }

  package static func - (left: Self, right: Self) -> Self {
    left.mapped(right) { $0.minus($1) }
  }

  /// Every field `factor` times: a part that stands for the whole.
  package func scaled(by factor: Double) -> Self {
    guard factor != 1 else { return self }
    return mapped(.zero) { value, _ in Int64(saturating: (Double(value) * factor).rounded()) }
  }

  @inline(__always)
  private func mapped(_ other: Self, _ combined: (Int64, Int64) -> Int64) -> Self {
    var result = Self()
    result.halts = combined(halts, other.halts)
    result.attempted = combined(attempted, other.attempted)
    result.successful = combined(successful, other.successful)
    result.abandoned = combined(abandoned, other.abandoned)
    result.successTime = combined(successTime, other.successTime)
    result.failTime = combined(failTime, other.failTime)
    result.latency = combined(latency, other.latency)
    result.late = combined(late, other.late)
    return result
  }
}
