import ArgumentParser

/// How the gaps between two wakes of a vCPU are spread around their mean.
enum Distribution: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Independent arrivals.
  case exponential
  /// The same gap each time.
  case periodic
  /// Eight wakes close together, then a pause.
  case bursty
  /// A quarter of the mean or seven quarters of it, each ±10 %.
  case bimodal
  /// The next wake comes an exponential time after the guest answered the last.
  case request
}
