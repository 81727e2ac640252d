internal import PollTrace

/// What polling did, or would have done, in some time on some vCPUs: additive in every field.
package struct PollOutcome: Hashable, Sendable, AdditiveArithmetic {
  package var halts: Int64 = 0
  package var attempted: Int64 = 0
  package var successful: Int64 = 0
  /// Polls that were given up before their window ended.
  package var abandoned: Int64 = 0
  /// Time in successful and in failed polls, in ns.
  package var successTime: Int64 = 0
  package var failTime: Int64 = 0
  /// From each wake event to its being seen, summed, in ns.
  package var latency: Int64 = 0

  package init() {}
  package static var zero: Self { Self() }

  /// Time spent polling, in ns.
  package var pollTime: Int64 { successTime + failTime }

  package static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum += right
    return sum
  }

  package static func += (left: inout Self, right: Self) {
    left.halts &+= right.halts
    left.attempted &+= right.attempted
    left.successful &+= right.successful
    left.abandoned &+= right.abandoned
    left.successTime &+= right.successTime
    left.failTime &+= right.failTime
    left.latency &+= right.latency
  }

  package static func - (left: Self, right: Self) -> Self {
    var rest = left
    rest.halts -= right.halts
    rest.attempted -= right.attempted
    rest.successful -= right.successful
    rest.abandoned -= right.abandoned
    rest.successTime -= right.successTime
    rest.failTime -= right.failTime
    rest.latency -= right.latency
    return rest
  }

  /// Every field `factor` times: a part that stands for the whole.
  package func scaled(by factor: Double) -> Self {
    guard factor != 1 else { return self }
    let times = { (value: Int64) in Int64(saturating: (Double(value) * factor).rounded()) }
    var result = self
    result.halts = times(halts)
    result.attempted = times(attempted)
    result.successful = times(successful)
    result.abandoned = times(abandoned)
    result.successTime = times(successTime)
    result.failTime = times(failTime)
    result.latency = times(latency)
    return result
  }
}
