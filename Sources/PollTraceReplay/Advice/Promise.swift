package import PollTrace

/// What a limit of wake-up latency comes to: the least polling that keeps it, or what else could.
package struct Promise: Sendable {
  /// How far a setting keeps the limit.
  package enum Keeping: String, Hashable, Sendable {
    /// All of the predicted interval does, wherever the scheduler places tasks; or what was measured did.
    case kept
    /// All of it does where the scheduler places tasks as in the recording.
    case keptAsPlaced = "kept_as_placed"
    /// What is predicted does, and some of its interval does not.
    case likely
    case broken
  }
  /// Something else than a setting of kvm's that could keep the limit.
  package enum Remedy: Sendable {
    /// No other task on the vCPUs' CPUs, under some setting.
    case pinning(PollParameters, latency: Double)
    /// The statistic that the limit is of, in ns, replayed or assumed.
    case alternative(Alternative, latency: Double)
  }

  package let limit: WakeLatencyLimit
  package let current: Keeping
  package let recommended: Keeping?
  /// Of the settings that poll no more than is allowed, the one with the lowest latency; nil where there is
  /// none.
  package let lowest: (parameters: PollParameters, latency: Prediction.Estimate)?
  /// Where no setting keeps the limit.
  package let remedies: [Remedy]
}

extension WakeLatencyLimit {
  /// Whether an outcome whose late halts were counted by this limit keeps it.
  func isKept(by outcome: PollOutcome) -> Bool {
    guard let share = statistic.share else { return isKept(by: outcome.meanLatency) }
    // 1 - 0.99 is a little more than a hundredth.
    return Double(outcome.late) <= (1 - share) * Double(outcome.halts) + 1e-6
  }

  /// Whether a latency in ns is within the limit.
  func isKept(by latency: Double) -> Bool { latency <= Double(most.rawValue) }

  /// How far a setting keeps the limit under which `prediction` is made.
  func keeping(_ prediction: Prediction?) -> Promise.Keeping {
    guard let estimate = prediction?.wakeLatency?[statistic], isKept(by: estimate.value) else {
      return .broken
    }
    if isKept(by: estimate.range.upperBound) { return .kept }
    return isKept(by: estimate.near.upperBound) ? .keptAsPlaced : .likely
  }

  /// The same of a choice, of which what was measured counts more.
  func keeping(_ choice: Choice) -> Promise.Keeping {
    guard let measured = choice.recordedLatencies else { return keeping(choice.prediction) }
    return isKept(by: measured[statistic]) ? .kept : .broken
  }
}
