internal import PollTrace

/// Another use of the same idle time than the host's polling.
package struct Alternative: Sendable {
  package enum Name: String, Hashable, Sendable, CaseIterable {
    case guestHaltPoll = "guest_haltpoll"
    case guestHaltPollBest = "guest_haltpoll_best"
    case haltWithoutExit = "hlt_without_exit"
    case mwaitWithoutExit = "mwait_without_exit"
    case idlePoll = "idle_poll"
  }
  package let name: Name
  /// CPU that the host sees spent on idling / recorded time of the vCPUs.
  package let cpuShare: Double
  /// In ns.
  package let latencySum: Double
  /// guest_halt_poll_ns and guest_halt_poll_grow_start, for the guest's polling.
  package let guestSetting: (most: UInt32, growStart: UInt32)?
  /// Whether the figures are replayed from the recording, or rest on an assumed latency.
  package let assumedLatency: Double?
  /// How latencies are distributed; nil where they are assumed.
  package let latencies: WakeLatencies<Double>?

  /// Wake-up latencies that no recording of an exiting guest shows, in ns (docs/method.md).
  private static let assumed: [Name: Double] = [
    .haltWithoutExit: 2_000, .mwaitWithoutExit: 5_000, .idlePoll: 300,
  ]

  /// What each alternative would have cost the recorded vCPUs.
  ///
  /// The best setting of the guest's own polling is the cheapest, or the one with the least polling that
  /// keeps the `limit`.
  static func all(
    _ vcpus: [RecordedVCPU], time: Double, weight: Double, limit: WakeLatencyLimit? = nil,
    threads: Int
  ) -> [Alternative] {
    guard time > 0 else { return [] }
    let outcomes = guestOutcomes(vcpus, threads: threads)
    let guest = { (name: Name, setting: Int) in
      let (parameters, (outcome, latencies)) = (guestSettings[setting], outcomes[setting])
      return Alternative(
        name: name, cpuShare: Double(outcome.pollTime) / time, latencySum: Double(outcome.latency),
        guestSetting: (parameters.most, parameters.growStart), assumedLatency: nil,
        latencies: latencies)
    }
    let costs = outcomes.map { Double($0.outcome.pollTime) + weight * Double($0.outcome.latency) }
    let cheapest = costs.indices.reduce(0) { costs[$1] < costs[$0] ? $1 : $0 }
    let keeping = outcomes.indices.filter { setting in
      guard let limit, let latencies = outcomes[setting].latencies else { return false }
      return limit.isKept(by: latencies[limit.statistic])
    }
    let best =
      keeping.min { outcomes[$0].outcome.pollTime < outcomes[$1].outcome.pollTime } ?? cheapest
    var all = [guest(.guestHaltPoll, 0), guest(.guestHaltPollBest, best)]
    let idle = vcpus.reduce(0.0) { $0 + Double($1.figures.measures.block.sum) }
    let halts = vcpus.reduce(0.0) { $0 + Double($1.figures.measures.halts) }
    for name in [Name.haltWithoutExit, .mwaitWithoutExit, .idlePoll] {
      let latency = assumed[name] ?? 0
      all.append(
        Alternative(
          name: name, cpuShare: min(1, idle / time), latencySum: halts * latency,
          guestSetting: nil, assumedLatency: latency, latencies: nil))
    }
    return all
  }

  /// The settings of the guest's own polling that are tried, the default first.
  private static let guestSettings: [GuestPollLimit.Parameters] = {
    let standard = GuestPollLimit.Parameters()
    var settings = [standard]
    for most in [20, 50, 100, 200, 400, 800, 1_600] as [UInt32] {
      for start in [10, 50] as [UInt32] where start <= most {
        var setting = standard
        setting.most = most * 1_000
        setting.growStart = start * 1_000
        settings.append(setting)
      }
    }
    return settings
  }()

  /// What each of them makes of `vcpus`, one at a time: wake events are as large as a recording.
  private static func guestOutcomes(
    _ vcpus: [RecordedVCPU], threads: Int
  ) -> [(outcome: PollOutcome, latencies: WakeLatencies<Double>?)] {
    let each = Parallel.map(vcpus, threads: threads) { vcpu in
      vcpu.replay?.schedule(.choosing).guestOutcomes(guestSettings, weight: vcpu.weight) ?? []
    }
    return guestSettings.indices.map { setting in
      let parts = each.filter { !$0.isEmpty }.map { $0[setting] }
      let outcome = parts.reduce(PollOutcome.zero) { $0 + $1.outcome }
      let latencies = LatencyDistribution.sum(parts.map(\.latencies))
      return (outcome, WakeLatencies(latencies, outcome))
    }
  }
}

extension Schedule {
  /// What each of `settings` of the guest's own polling makes of it, each halt `weight` times.
  fileprivate func guestOutcomes(
    _ settings: [GuestPollLimit.Parameters], weight: Double
  ) -> [(outcome: PollOutcome, latencies: LatencyDistribution)] {
    settings.map { setting in
      var seen = LatencyHistograms(blocks: 1)
      let outcome = replay(GuestHaltPoll(setting), watch: &seen)[0]
      return (outcome.scaled(by: weight), seen.distributions(weight: weight)[0])
    }
  }
}
