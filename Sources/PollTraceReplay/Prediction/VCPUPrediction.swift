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

  /// A vCPU that cannot be replayed: as recorded.
  init(recorded: PollOutcome) {
    likely = [[recorded]]
    (bounds, placements, mean) = ([:], [:], recorded)
  }

  /// What `replay` gave under each of its scenarios, in blocks of time.
  init(_ replay: VCPUReplay, _ outcomes: [Scenario: [PollOutcome]]) {
    let sum = { (scenario: Scenario) in (outcomes[scenario] ?? []).reduce(PollOutcome.zero, +) }
    let sums = { (scenarios: [Scenario]) in
      Dictionary(uniqueKeysWithValues: scenarios.map { ($0, sum($0)) })
    }
    likely = Scenario.likely.map { outcomes[$0] ?? [] }
    mean = Scenario.likely.reduce(PollOutcome.zero) { $0 + sum($1) }
      .scaled(by: 1 / Double(Scenario.likely.count))
    (bounds, placements) = (sums(replay.bounds), sums(replay.placements))
  }
}

extension Scenario {
  /// Into how many blocks of time a prediction cuts it.
  var blocks: Int { Self.likely.contains(self) ? VCPUPrediction.blocks : 1 }
}
