package import PollTrace

/// What a candidate does to the cost of a halt, against the current setting.
package struct TrialEffect: Hashable, Sendable {
  /// 1 for the first candidate.
  package var setting: Int
  /// Pairs of blocks that it is known from, and those that had nothing to compare.
  package var pairs: Int
  package var left: Int
  /// Cost with the candidate / cost with the current setting; 1 where no pair is known.
  package var ratio: Double
  /// Bounds of it that hold at all looks at once.
  package var range: ClosedRange<Double>
  /// The error of the bounds, at any look.
  package var error: Double
  /// Halts a second with the candidate / with the current setting: more where guests that wait for answers are
  /// faster.
  package var rate: Ratio

  /// Whether it has been shown to do harm.
  package var harm: TrialHarm?

  package struct Ratio: Hashable, Sendable {
    package var value: Double
    package var range: ClosedRange<Double>
  }

  /// How it was found, for JSON.
  package static let method =
    "any-time-valid t-test on log ratios within pairs of blocks (Lindon et al. 2022; Wang and Ramdas 2023)"
}

/// Why a candidate is harmful.
package enum TrialHarm: Hashable, Sendable {
  /// Halts cost more.
  case cost
  /// Wake-up latency is above its limit.
  case latency
  /// Tasks of the host wait longer for CPUs.
  case pressure
}

/// What a trial has found.
package enum TrialVerdict: Hashable, Sendable {
  /// This candidate is better.
  case better(Int)
  /// All candidates do harm; the first one's reason.
  case harmful(TrialHarm)
  /// No candidate differs by what matters.
  case indifferent
  /// Nothing is shown either way; a decision may need so much longer, nil where that cannot be said.
  case undecided(further: Nanoseconds?)
}
