package import PollTrace

/// What a host's vCPUs would have done as they were recorded, and under other settings.
package struct HostPredictions: Sendable {
  let host: HostReplay
  /// Each vCPU's replay as it was recorded: how well the model fits.
  let itself: [VCPUPrediction]
  /// Each vCPU under its parameters at the end of the recording.
  let current: [VCPUPrediction]
  /// Each vCPU under each setting that was asked for.
  let parts: [PollParameters: [VCPUPrediction]]
  /// The offline optimum of each bounded setting, all vCPUs together.
  let bounds: [PollOutcome]
  let weight: Double

  /// All vCPUs under `setting`, which is one of those asked for.
  package func total(_ setting: PollParameters) -> Prediction {
    total(parts[setting] ?? [], under: setting)
  }

  /// All vCPUs, each under its parameters at the end; those of the host are `setting`.
  func current(_ setting: PollParameters) -> Prediction { total(current, under: setting) }

  private func total(_ parts: [VCPUPrediction], under setting: PollParameters) -> Prediction {
    prediction(parts, under: setting, itself: itself, of: host.vcpus)
  }

  /// Each vCPU alone under `setting`.
  package func each(_ setting: PollParameters) -> [Prediction] {
    let parts = parts[setting] ?? []
    return parts.indices.map { index in
      prediction([parts[index]], under: setting, itself: [itself[index]], of: [host.vcpus[index]])
    }
  }

  private func prediction(
    _ parts: [VCPUPrediction], under setting: PollParameters, itself: [VCPUPrediction],
    of vcpus: [RecordedVCPU]
  ) -> Prediction {
    Prediction(
      parts, under: setting, itself: itself, recorded: Self.logged(vcpus),
      recordedLatencies: LatencyDistribution.sum(vcpus.map(\.latencies)),
      measured: vcpus.reduce(0) { $0 + $1.measuredLatencies },
      time: vcpus.reduce(0) { $0 + $1.time }, weight: weight)
  }

  /// What was recorded as a replay counts it: of logged halts, scaled.
  private static func logged(_ vcpus: [RecordedVCPU]) -> PollOutcome {
    vcpus.reduce(.zero) { $0 + $1.logged.reduce(.zero, +).scaled(by: $1.weight) }
  }
}
