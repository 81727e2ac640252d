/// What a recording shows a replay, whatever is assumed beside it.
struct Evidence {
  let halts: Observation
  let latencies: Latencies
  let busy: BusyTimes
  /// Who else wanted the CPUs; nil where the trace does not show that.
  let contention: Contention?
  /// The events that came while the vCPU woke or ran; nil where the trace does not show them.
  let accepted: AcceptedEvents?

  init(
    _ halts: Observation, _ contention: Contention? = nil, _ accepted: AcceptedEvents? = nil
  ) {
    self.halts = halts
    (self.contention, self.accepted) = (contention, accepted)
    latencies = Latencies(halts, isIdleOnly: contention != nil)
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
    // Where it shows who ends a poll, nothing is left to draw.
    let cuts = contention == nil ? PollCuts(halts, &random) : PollCuts(without: halts)
    return Draw(latencyRanks: latencyRanks, busyRanks: busyRanks, cuts: cuts)
  }
}
