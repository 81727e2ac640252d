package import PollTrace

/// A setting, or a bound, with what it would have done.
package struct Choice: Sendable {
  package enum Name: String, Hashable, Sendable {
    case off
    case kernelDefault = "kernel_default"
    case current
    case recommended
    case bestFixedWindow = "best_fixed_window"
    /// The offline optimum: halts known in hindsight, each the cheaper of polling and sleeping.
    case clairvoyantBound = "clairvoyant_bound"
    /// One of the settings that no other beats on both.
    case front
  }
  package private(set) var name: Name
  /// Nil for a bound, and for VMs that obey several.
  package let parameters: PollParameters?
  /// What is predicted.
  package let outcome: PollOutcome
  /// With its uncertainty, for those that a user may choose between.
  package let prediction: Prediction?
  /// What was measured, of a setting that held all the time.
  package let recorded: PollOutcome?

  package init(
    name: Name, parameters: PollParameters?, outcome: PollOutcome, prediction: Prediction? = nil,
    recorded: PollOutcome? = nil
  ) {
    self.name = name
    self.parameters = parameters
    self.outcome = outcome
    self.prediction = prediction
    self.recorded = recorded
  }

  init(_ name: Name, _ prediction: Prediction, recorded: PollOutcome? = nil) {
    self.init(
      name: name, parameters: prediction.parameters, outcome: prediction.outcome,
      prediction: prediction, recorded: recorded)
  }

  /// The prediction of a setting that was not measured.
  package var uncertain: Prediction? { recorded == nil ? prediction : nil }

  /// The same under another name.
  func named(_ name: Name) -> Choice {
    var other = self
    other.name = name
    return other
  }
}
