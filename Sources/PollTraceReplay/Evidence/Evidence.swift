/// What a recording shows a replay, whatever is assumed beside it.
struct Evidence {
  let halts: Observation
  let latencies: Latencies
  let busy: BusyTimes

  init(_ halts: Observation) {
    self.halts = halts
    latencies = Latencies(halts)
    busy = BusyTimes(halts)
  }

  /// What it leaves to chance, decided.
  struct Draw {
    /// The rank of each halt's latency in its row, and of the running time behind it in its class; nil
    /// where it has none.
    var latencyRanks: [UInt8?]
    var busyRanks: [UInt8?]
    var cuts: PollCuts
  }

  func draw(_ random: inout SplitMix64) -> Draw {
    let latencyRanks = latencies.ranking.drawn(&random)
    let busyRanks = busy.ranking.drawn(&random)
    return Draw(
      latencyRanks: latencyRanks, busyRanks: busyRanks, cuts: PollCuts(halts, &random))
  }
}
