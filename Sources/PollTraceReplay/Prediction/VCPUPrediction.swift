package import PollTrace

/// What one vCPU would have done under one setting, and under each supposition that bounds it.
package struct VCPUPrediction: Sendable {
  /// Equal parts of the time, from which the spread by chance is estimated.
  static let blocks = 20

  /// What the recording makes most likely: one element a seed, each in blocks of time.
  let likely: [[PollOutcome]]
  /// What bounds it, neighbours as recorded.
  let bounds: [Scenario: PollOutcome]
  /// What bounds it where the scheduler may place tasks otherwise.
  let placements: [Scenario: PollOutcome]

  /// The prediction: the mean over chance.
  let mean: PollOutcome

  /// `vcpu` under `parameters`; where it cannot be replayed, as recorded.
  package init(_ vcpu: RecordedVCPU, under parameters: PollParameters) {
    guard let replay = vcpu.replay else {
      likely = [[vcpu.logged]]
      (bounds, placements, mean) = ([:], [:], vcpu.logged)
      return
    }
    let run = { (scenario: Scenario, blocks: Int) in
      replay.schedule(scenario).replay(parameters, replay.rules, blocks: blocks)
        .map { $0.scaled(by: vcpu.weight) }
    }
    likely = Scenario.likely.map { run($0, Self.blocks) }
    let sum = likely.reduce(PollOutcome.zero) { $0 + $1.reduce(.zero, +) }
    mean = sum.scaled(by: 1 / Double(likely.count))
    bounds = Dictionary(uniqueKeysWithValues: replay.bounds.map { ($0, run($0, 1)[0]) })
    placements = Dictionary(uniqueKeysWithValues: replay.placements.map { ($0, run($0, 1)[0]) })
  }
}
