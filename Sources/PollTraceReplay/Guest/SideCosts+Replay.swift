package import PollTrace

extension SideCosts {
  /// What each side's polling costs the VM of `sides`: by the replay of its own recording, and where it did
  /// not poll itself also by that of its host's.
  ///
  /// `host` are the vCPUs of `sides`. A guest's recording has all of its idle time; a host's has only what the
  /// guest did not poll away.
  package init(
    _ sides: BothSides, _ report: Report, guest: GuestReplay, host: [RecordedVCPU],
    _ objective: Objective, threads: Int
  ) {
    let (settings, end) = (report.traces[sides.host].settings, Timestamp(.max))
    var hosts = settings.parameters(at: end)
    if let own = sides.pairs.first?.vcpu, own.ceilingSource == .inferred {
      hosts.ceiling = own.ceiling
    }
    if hosts.ceiling == 0 { hosts.ceiling = Self.standardCeiling }
    let own = guest.parameters.most > 0 ? guest.parameters : GuestPollLimit.Parameters()
    var none = own
    none.most = 0
    let weight = objective.latencyWeight
    let predictions = guest.predict([own, none], weight: weight)
    let byHost = guest.predict(host: hosts, settings.rules, weight: weight)
    self.init(
      now: Self.now(sides),
      choices: [
        Choice(.guest, "guest_halt_poll_ns \(own.most)", predictions.total(own), guest.time),
        Choice(
          .host, "guest_halt_poll_ns 0, on the host halt_poll_ns \(hosts.ceiling)", byHost,
          guest.time),
        Choice(
          .neither, "guest_halt_poll_ns 0, halt_poll_ns 0", predictions.total(none), guest.time),
      ],
      byHost: guest.recorded.attempted == 0
        ? Self.choices(host, hosts, objective, threads: threads) : [])
  }

  /// The kernel's default of halt_poll_ns on x86 (KVM_HALT_POLL_NS_DEFAULT, arch/x86/include/asm/kvm_host.h).
  private static let standardCeiling: UInt32 = 200_000

  /// Which side was seen to poll; nil where both were.
  private static func now(_ sides: BothSides) -> Side? {
    let guest = sides.guestFigures.polls > 0
    let host = sides.hostFigures.kernelCounters.attemptedPolls > 0
    return guest ? host ? nil : .guest : host ? .host : .neither
  }

  /// The host's own replay: what was recorded, and the guest polling under the kernel's defaults.
  private static func choices(
    _ host: [RecordedVCPU], _ parameters: PollParameters, _ objective: Objective, threads: Int
  ) -> [Choice] {
    let replay = HostReplay(host, threads: threads)
    guard replay.time > 0, replay.recorded.attempted > 0 else { return [] }
    let weight = objective.latencyWeight
    let guests = Alternative.all(host, time: replay.time, weight: weight, threads: threads)
      .first { $0.name == .guestHaltPoll }
    let (recorded, halts) = (replay.recorded, Double(max(1, replay.recorded.halts)))
    var choices = [
      Choice(
        side: .host, setting: "halt_poll_ns \(parameters.ceiling), as recorded",
        pollShare: Estimate(exactly: recorded.pollShare(of: replay.time)),
        latency: Estimate(exactly: recorded.meanLatency),
        cost: Estimate(exactly: objective.cost(recorded) / replay.time * 1e9))
    ]
    if let guests {
      let cost = guests.cpuShare * replay.time + weight * guests.latencySum
      choices.insert(
        Choice(
          side: .guest, setting: "guest_halt_poll_ns 200000 (the kernel's default)",
          pollShare: Estimate(exactly: guests.cpuShare),
          latency: Estimate(exactly: guests.latencySum / halts),
          cost: Estimate(exactly: cost / replay.time * 1e9)), at: 0)
    }
    return choices
  }
}

extension SideCosts.Choice {
  fileprivate init(
    _ side: SideCosts.Side, _ setting: String, _ prediction: Prediction, _ time: Double
  ) {
    let halts = Double(max(1, prediction.outcome.halts))
    let scaled = { (estimate: Prediction.Estimate, unit: Double) in
      SideCosts.Estimate(
        estimate.value / unit,
        in: estimate.range.lowerBound / unit...estimate.range.upperBound / unit)
    }
    self.init(
      side: side, setting: setting, pollShare: scaled(prediction.pollShare, 1),
      latency: scaled(prediction.latency, halts),
      cost: scaled(prediction.cost, max(1, time) / 1e9))
  }
}
