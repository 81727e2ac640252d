package import PollTrace

/// What was recorded of some vCPUs, and what they would have done under other settings.
package struct HostReplay: Sendable {
  package let vcpus: [RecordedVCPU]
  /// The recorded time summed over vCPUs, in ns.
  package let time: Double
  private let threads: Int

  /// `vcpus` of one or more recordings; work is done on `threads` threads.
  package init(_ vcpus: [RecordedVCPU], threads: Int) {
    self.vcpus = vcpus
    self.threads = threads
    time = vcpus.reduce(0) { $0 + Double($1.figures.time?.rawValue ?? 0) }
  }

  /// What was recorded, all vCPUs together: counts as KVM counted.
  package var recorded: PollOutcome { vcpus.reduce(.zero) { $0 + $1.recorded } }

  /// What was recorded as a replay counts it: of logged halts, scaled.
  private static func logged(_ vcpus: [RecordedVCPU]) -> PollOutcome {
    vcpus.reduce(.zero) { $0 + $1.logged.scaled(by: $1.weight) }
  }

  /// The parameters that most vCPUs obeyed: the host's, where no VM has a ceiling of its own.
  package var parameters: PollParameters? {
    (vcpus.first { !$0.hasOwnCeiling } ?? vcpus.first)?.parameters
  }

  /// Each vCPU's replay of its own recorded setting: how well the model fits.
  package func itself() -> [VCPUPrediction] {
    Parallel.map(vcpus.count, threads: threads) {
      VCPUPrediction(vcpus[$0], under: vcpus[$0].parameters)
    }
  }

  /// Each vCPU under `parameters`.
  func predictParts(_ parameters: PollParameters) -> [VCPUPrediction] {
    Parallel.map(vcpus.count, threads: threads) {
      VCPUPrediction(vcpus[$0], under: parameters)
    }
  }

  /// All vCPUs under `parameters`, and each alone.
  ///
  /// A VM's own ceiling is not kept: the prediction is what the setting does where it applies.
  package func predict(
    _ parameters: PollParameters, itself: [VCPUPrediction], weight: Double
  ) -> (total: Prediction, vcpus: [Prediction]) {
    let parts = predictParts(parameters)
    let total = Prediction(
      parts, under: parameters, itself: itself, recorded: Self.logged(vcpus), time: time,
      weight: weight)
    let each = vcpus.indices.map { index in
      Prediction(
        [parts[index]], under: parameters, itself: [itself[index]],
        recorded: Self.logged([vcpus[index]]),
        time: Double(vcpus[index].figures.time?.rawValue ?? 0), weight: weight)
    }
    return (total, each)
  }
}

extension RecordedVCPU {
  /// What was recorded, as KVM counts it; latency as measured, or as assumed where it was not.
  package var recorded: PollOutcome {
    let counters = figures.account.kernelCounters
    var outcome = PollOutcome()
    outcome.halts = Int64(clamping: figures.measures.halts)
    outcome.attempted = Int64(clamping: counters.attemptedPolls)
    outcome.successful = Int64(clamping: counters.successfulPolls)
    outcome.abandoned = Int64(clamping: figures.account.abandoned.count)
    outcome.successTime = Int64(clamping: counters.successfulPollTime.rawValue)
    outcome.failTime = Int64(clamping: counters.failedPollTime.rawValue)
    outcome.latency = logged.scaled(by: weight).latency
    return outcome
  }
}
