import PollTrace
import PollTraceAnalysis
import PollTraceReplay
import PollTraceTuning

/// What recordings say of the settings of a trial.
protocol TrialEvidence {
  /// Halts a second of a vCPU; nil where it is not known.
  var haltsPerSecond: Double? { get }
  /// What is recommended where `now` holds; the recordings are called `traces`.
  ///
  /// - Throws: where nothing is.
  func recommended(_ traces: [OSString], _ now: Setting) throws -> RecommendedSetting
  /// The cost that each of `settings` is predicted to have; nil where a value is missing.
  func costs(_ settings: [Setting]) -> [Prediction.Estimate?]
}

/// A host's recordings.
struct HostEvidence: TrialEvidence {
  private let report: Report
  private let vcpus: [RecordedVCPU]
  private let adviser: Adviser

  init(_ read: AnalysedTraces, _ report: Report, _ objective: Objective) {
    (self.report, vcpus) = (report, read.vcpus())
    adviser = Adviser(report, objective)
  }

  var haltsPerSecond: Double? { report.total.haltsPerSecond }

  func recommended(_ traces: [OSString], _ now: Setting) throws -> RecommendedSetting {
    try RecommendedSetting(adviser, vcpus, report, traces, now)
  }

  func costs(_ settings: [Setting]) -> [Prediction.Estimate?] {
    let host = HostReplay(
      vcpus.filter { $0.figures.decisionsAreRecorded && !$0.hasOwnCeiling },
      threads: adviser.threads)
    let wanted = settings.map(\.pollParameters)
    let predictions = host.predict(
      wanted.compactMap(\.self), weight: adviser.objective.latencyWeight)
    return wanted.map { $0.map { predictions.total($0).cost } }
  }
}

/// A guest's recordings of itself.
struct GuestEvidence: TrialEvidence {
  private let guest: GuestReplay
  private let adviser: GuestAdviser

  init(_ guest: GuestReplay, _ adviser: GuestAdviser) {
    (self.guest, self.adviser) = (guest, adviser)
  }

  /// How long a trial's blocks settle follows from the host's windows alone.
  var haltsPerSecond: Double? { nil }

  func recommended(_ traces: [OSString], _ now: Setting) throws -> RecommendedSetting {
    try RecommendedSetting(adviser, guest, traces, now)
  }

  func costs(_ settings: [Setting]) -> [Prediction.Estimate?] {
    let wanted = settings.map(\.guestParameters)
    let predictions = guest.predict(
      wanted.compactMap(\.self), weight: adviser.objective.latencyWeight)
    return wanted.map { $0.map { predictions.total($0).cost } }
  }
}

extension Setting {
  /// kvm's four parameters, with what a kernel without `grow_start` does; nil of another target.
  var pollParameters: PollParameters? {
    let names = PollParameters.names
    guard let ceiling = values[names[0]], let grow = values[names[1]], let shrink = values[names[3]]
    else { return nil }
    return PollParameters(
      ceiling: ceiling, grow: grow, growStart: values[names[2]] ?? 10_000, shrink: shrink)
  }

  /// haltpoll's five parameters; nil of another target.
  var guestParameters: GuestPollLimit.Parameters? {
    let found = GuestPollLimit.Parameters.names.compactMap { values[$0] }
    guard found.count == GuestPollLimit.Parameters.names.count else { return nil }
    var parameters = GuestPollLimit.Parameters()
    (parameters.most, parameters.grow, parameters.growStart) = (found[0], found[1], found[2])
    (parameters.shrink, parameters.allowsShrink) = (found[3], found[4] != 0)
    return parameters
  }
}
