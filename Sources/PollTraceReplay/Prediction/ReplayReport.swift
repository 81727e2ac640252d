package import PollTrace

/// What `polltrace replay` shows: recorded and predicted, all vCPUs together and each alone.
package struct ReplayReport: Sendable {
  package struct VCPU: Sendable {
    package let identity: VCPUIdentity
    /// Recorded time, in ns.
    package let time: Double
    package let recorded: PollOutcome
    package let recordedLatencies: WakeLatencies<Double>?
    package let predicted: Prediction
    /// What drives its wake events; nil where there were too few halts to replay.
    package let source: WakeSource?
    /// The share of the time in which another task wanted its CPU; nil where that is not recorded.
    package let competitorShare: Double?
  }

  /// The parameters at the end of the recording, and all that were in force with their shares of time.
  package let recordedParameters: PollParameters
  package let recordedUnder: [(parameters: PollParameters, share: Double)]
  package let parameters: PollParameters
  package let rules: PollRules
  package let objective: Objective
  /// Recorded time summed over vCPUs, in ns.
  package let time: Double
  package let recorded: PollOutcome
  package let recordedLatencies: WakeLatencies<Double>?
  package let predicted: Prediction
  package let vcpus: [VCPU]
  /// Why it is guessed when other tasks end polls; nil where it is not.
  package let contentionGap: ContentionGap?
  /// Where the scheduler put tasks that woke while their CPU was busy, in each trace that shows it.
  package let placements: [WakerPlacement]
  /// Halts that were replayed, of all that were recorded.
  package let replayedShare: Double

  /// The share of the time in which another task wanted a vCPU's CPU, over the vCPUs of which that is recorded.
  package var competitorShare: Double? {
    let known = vcpus.compactMap { vcpu in vcpu.competitorShare.map { ($0, vcpu.time) } }
    let time = known.reduce(0) { $0 + $1.1 }
    return time > 0 ? known.reduce(0) { $0 + $1.0 * $1.1 } / time : nil
  }

  /// What `parameters` would have done to `host`; nil where it has no vCPU.
  package init?(_ host: HostReplay, under parameters: PollParameters, _ objective: Objective) {
    guard let first = host.vcpus.first, let recordedParameters = host.parameters else { return nil }
    let predictions = host.predict([parameters], weight: objective.latencyWeight)
    self.recordedParameters = recordedParameters
    recordedUnder = host.recordedUnder
    self.parameters = parameters
    self.objective = objective
    rules = first.settings.rules
    time = host.time
    recorded = host.recorded
    recordedLatencies = host.recordedLatencies
    predicted = predictions.total(parameters)
    vcpus = zip(host.vcpus, predictions.each(parameters)).map { vcpu, prediction in
      VCPU(
        identity: vcpu.identity, time: vcpu.time, recorded: vcpu.recorded,
        recordedLatencies: vcpu.recordedLatencies, predicted: prediction,
        source: vcpu.replay?.source, competitorShare: vcpu.replay?.competitorShare)
    }
    placements = Dictionary(
      host.vcpus.compactMap { vcpu in vcpu.replay?.placement.map { (vcpu.span.number, $0) } },
      uniquingKeysWith: { first, _ in first }
    ).sorted { $0.key < $1.key }.map(\.value)
    contentionGap = host.contentionGap
    let replayed = host.vcpus.reduce(0.0) { $0 + Double($1.logged.reduce(.zero, +).halts) }
    replayedShare = replayed / Double(max(1, recorded.halts))
  }
}
