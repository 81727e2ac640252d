internal import PollTrace

/// What one vCPU would have done under one setting, and under each assumption that bounds it.
package struct VCPUPrediction: Sendable {
  /// The trace that it belongs to: vCPUs of one share its blocks of time.
  let trace: Int
  /// What the recording makes most likely, in blocks of time: the mean over chance.
  let blocks: [PollOutcome]
  /// What bounds it, neighbours as recorded.
  let bounds: [Assumption: PollOutcome]
  /// What bounds it where the scheduler may place tasks otherwise.
  let placements: [Assumption: PollOutcome]

  /// What would narrow the interval that each assumption makes.
  let doubts: [Assumption: Doubt.Kind]
  /// How its wake-up latencies are distributed; nil where nobody watched.
  let latencies: VCPULatencies?

  /// The whole time.
  let mean: PollOutcome

  init(
    trace: Int, blocks: [PollOutcome], bounds: [Assumption: PollOutcome] = [:],
    placements: [Assumption: PollOutcome] = [:], doubts: [Assumption: Doubt.Kind] = [:],
    latencies: VCPULatencies? = nil
  ) {
    (self.trace, self.blocks, self.bounds, self.placements) = (trace, blocks, bounds, placements)
    (self.doubts, self.latencies) = (doubts, latencies)
    mean = blocks.reduce(.zero, +)
  }

  /// `vcpu`, of which `outcomes` came out under each of its assumptions, in blocks of time; as
  /// recorded where it cannot be replayed; `latencies` is how they are distributed.
  init(
    _ vcpu: RecordedVCPU, _ outcomes: [Assumption: [PollOutcome]],
    latencies: VCPULatencies? = nil
  ) {
    guard let replay = vcpu.replay else {
      self.init(
        trace: vcpu.span.number, blocks: vcpu.logged.map { $0.scaled(by: vcpu.weight) },
        latencies: latencies)
      return
    }
    let sums = { (assumptions: [Assumption]) in
      assumptions.reduce(into: [:]) { $0[$1] = (outcomes[$1] ?? []).reduce(.zero, +) }
    }
    let draws = Assumption.predicting.map { outcomes[$0] ?? [] }
    let blocks = draws.dropFirst().reduce(draws[0]) { zip($0, $1).map(+) }
      .map { $0.scaled(by: 1 / Double(draws.count)) }
    self.init(
      trace: vcpu.span.number, blocks: blocks, bounds: sums(replay.bounds),
      placements: sums(replay.placements), doubts: replay.doubts, latencies: latencies)
  }
}
