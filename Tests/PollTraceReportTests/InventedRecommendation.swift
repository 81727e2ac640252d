import PollTrace

@testable import PollTraceReplay

extension PollOutcome {
  /// So many halts, of which the polls cost these times.
  init(halts: Int64, successTime: Int64 = 0, failTime: Int64 = 0, latency: Int64 = 0) {
    self.init()
    (self.halts, self.successTime, self.failTime) = (halts, successTime, failTime)
    self.latency = latency
  }
}

extension Recommendation {
  /// To change `now` into `then` on hosts with `module`.
  static func invented(
    from now: PollParameters, to then: PollParameters, verdict: Verdict = .change,
    module: KVMModule, hostSettings: Int = 1, unreached: [Unreached] = []
  ) -> Recommendation {
    let (before, after) = (
      PollOutcome(halts: 1_000, failTime: 400_000_000), PollOutcome(halts: 1_000)
    )
    return Recommendation(
      objective: .balanced, maxPollShare: nil, verdict: verdict, rules: .newest, module: module,
      time: 1_000_000_000, recorded: before, recordedUnder: [(now, 1)], settingsChanged: false,
      hostSettings: hostSettings,
      current: Choice(name: .current, parameters: now, outcome: before),
      recommended: Choice(name: .recommended, parameters: then, outcome: after), choices: [],
      front: [], leastLatency: nil, alternatives: [], perVM: [], unreached: unreached,
      patterns: [], holdout: nil, worstGain: nil, halts: 1_000, fidelity: Fidelity(), burners: [],
      hasSchedulerEvents: true, contentionGap: nil)
  }
}
