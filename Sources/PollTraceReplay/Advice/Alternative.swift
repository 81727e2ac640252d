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

  /// Wake-up latencies that no recording of an exiting guest shows, in ns (docs/method.md).
  private static let assumed: [Name: Double] = [
    .haltWithoutExit: 2_000, .mwaitWithoutExit: 5_000, .idlePoll: 300,
  ]

  /// What each alternative would have cost the recorded vCPUs.
  static func all(_ vcpus: [RecordedVCPU], time: Double, price: Double) -> [Alternative] {
    guard time > 0 else { return [] }
    let schedules = vcpus.compactMap { vcpu in
      vcpu.replay.map { (schedule: $0.schedule(.likely(seed: 1)), weight: vcpu.weight) }
    }
    let run = { (parameters: GuestHaltPoll.Parameters) in
      schedules.reduce(PollOutcome.zero) {
        $0 + $1.schedule.replay(GuestHaltPoll(parameters))[0].scaled(by: $1.weight)
      }
    }
    let guest = { (name: Name, parameters: GuestHaltPoll.Parameters, outcome: PollOutcome) in
      Alternative(
        name: name, cpuShare: Double(outcome.pollTime) / time, latencySum: Double(outcome.latency),
        guestSetting: (parameters.most, parameters.growStart), assumedLatency: nil)
    }
    let standard = GuestHaltPoll.Parameters()
    var best = (parameters: standard, outcome: run(standard))
    var all = [guest(.guestHaltPoll, standard, best.outcome)]
    let cost = { (outcome: PollOutcome) in
      Double(outcome.pollTime) + price * Double(outcome.latency)
    }
    for most in [20, 50, 100, 200, 400, 800, 1_600] as [UInt32] {
      for start in [10, 50] as [UInt32] where start <= most {
        var parameters = standard
        parameters.most = most * 1_000
        parameters.growStart = start * 1_000
        let outcome = run(parameters)
        if cost(outcome) < cost(best.outcome) { best = (parameters, outcome) }
      }
    }
    all.append(guest(.guestHaltPollBest, best.parameters, best.outcome))
    let idle = vcpus.reduce(0.0) { $0 + Double($1.figures.measures.block.sum) }
    let halts = vcpus.reduce(0.0) { $0 + Double($1.figures.measures.halts) }
    for name in [Name.haltWithoutExit, .mwaitWithoutExit, .idlePoll] {
      let latency = assumed[name] ?? 0
      all.append(
        Alternative(
          name: name, cpuShare: min(1, idle / time), latencySum: halts * latency,
          guestSetting: nil, assumedLatency: latency))
    }
    return all
  }
}
