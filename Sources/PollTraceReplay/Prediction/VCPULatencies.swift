/// How one vCPU's wake-up latencies would have been distributed under one setting, and under each
/// assumption that bounds it.
struct VCPULatencies: Sendable {
  /// What the recording makes most likely: the mean over chance.
  let mean: LatencyDistribution
  /// One draw of chance, in blocks of time.
  let blocks: [LatencyDistribution]
  let bounds: [Assumption: LatencyDistribution]
  let placements: [Assumption: LatencyDistribution]

  /// `vcpu`, of which `found` came out under each of its assumptions; as recorded where it cannot be
  /// replayed.
  init(_ vcpu: RecordedVCPU, _ found: [Assumption: [LatencyDistribution]]) {
    guard let replay = vcpu.replay else {
      mean = vcpu.latencies
      blocks = [vcpu.latencies]
      (bounds, placements) = ([:], [:])
      return
    }
    let whole = { (assumption: Assumption) in LatencyDistribution.sum(found[assumption] ?? []) }
    let draws = Assumption.predicting
    mean = LatencyDistribution.sum(draws.map(whole)).scaled(by: 1 / Double(draws.count))
    blocks = found[draws[0]] ?? []
    bounds = replay.bounds.reduce(into: [:]) { $0[$1] = whole($1) }
    placements = replay.placements.reduce(into: [:]) { $0[$1] = whole($1) }
  }
}
