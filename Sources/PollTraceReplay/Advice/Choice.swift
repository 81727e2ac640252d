package import PollTrace

/// A setting, or a bound, with what it would have done.
package struct Choice: Sendable {
  package enum Name: String, Hashable, Sendable {
    case off
    case kernelDefault = "kernel_default"
    case current
    case recommended
    case bestFixedWindow = "best_fixed_window"
    /// Halts known in hindsight, each the cheaper of polling and sleeping.
    case clairvoyantBound = "clairvoyant_bound"
    /// One of the settings that no other beats on both.
    case front
  }
  package let name: Name
  /// Nil for a bound, and for VMs that obey several.
  package let parameters: PollParameters?
  package let outcome: PollOutcome
  /// With its doubt, for those that a user may choose between.
  package let prediction: Prediction?
}
