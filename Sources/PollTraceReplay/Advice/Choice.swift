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
  package private(set) var prediction: Prediction?
  /// What was measured, of a setting that held all the time.
  package private(set) var recorded: PollOutcome?
  package private(set) var recordedLatencies: WakeLatencies<Double>?
}

extension Choice {
  /// `prediction` under `name`; what was `measured` of `host` counts where the setting held all the time.
  init(_ name: Name, _ prediction: Prediction, measured host: HostReplay? = nil) {
    self.init(
      name: name, parameters: prediction.parameters, outcome: prediction.outcome,
      prediction: prediction, recorded: host?.recorded,
      recordedLatencies: host?.recordedLatencies)
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
