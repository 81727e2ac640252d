package import PollTrace

/// Every setting of a grid replayed over every vCPU.
///
/// Outcomes are additive: sweeps of the same grid over other vCPUs, files or hosts add up.
package struct Sweep: Sendable {
  /// vCPUs that are counted together: those of one VM.
  package struct Group: Hashable, Sendable {
    package let vm: String
    package let vcpus: Int
    /// Recorded time summed over its vCPUs, in ns.
    package let time: Double
  }
  /// What one setting would have done.
  package struct Row: Sendable {
    package let parameters: PollParameters
    /// By group, the first half of the recorded time and the second.
    package let halves: [[PollOutcome]]
    /// All groups, the whole time.
    package let outcome: PollOutcome

    /// All groups, one half of the time.
    package func half(_ half: Int) -> PollOutcome { halves.reduce(.zero) { $0 + $1[half] } }
    /// One group, the whole time.
    package func outcome(of group: Int) -> PollOutcome { halves[group].reduce(.zero, +) }
  }

  package let groups: [Group]
  package let rows: [Row]
  package let time: Double

  /// Replays each setting of `grid` over `vcpus`.
  package init(_ vcpus: [RecordedVCPU], _ grid: PollGrid, threads: Int) {
    var names: [String] = []
    var members: [[RecordedVCPU]] = []
    for vcpu in vcpus {
      if let group = names.firstIndex(of: vcpu.vmKey) {
        members[group].append(vcpu)
      } else {
        names.append(vcpu.vmKey)
        members.append([vcpu])
      }
    }
    let hosts = Set(vcpus.map(\.host))
    groups = zip(names, members).map { name, vcpus in
      Group(
        vm: hosts.count > 1 ? name : vcpus[0].vm, vcpus: vcpus.count,
        time: vcpus.reduce(0) { $0 + Double($1.figures.time?.rawValue ?? 0) })
    }
    time = groups.reduce(0) { $0 + $1.time }
    let settings = grid.settings
    let outcomes = members.map { Self.outcomes($0, settings, threads: threads) }
    rows = settings.indices.map { index in
      let halves = outcomes.map { $0[index] }
      return Row(
        parameters: settings[index], halves: halves,
        outcome: halves.reduce(.zero) { $0 + $1.reduce(.zero, +) })
    }
  }

  /// The two halves of the time under each setting, `vcpus` together.
  private static func outcomes(
    _ vcpus: [RecordedVCPU], _ settings: [PollParameters], threads: Int
  ) -> [[PollOutcome]] {
    var sums = Array(repeating: [PollOutcome.zero, .zero], count: settings.count)
    for vcpu in vcpus {
      guard let replay = vcpu.replay else {
        let half = vcpu.logged.scaled(by: vcpu.weight / 2)
        for index in settings.indices { sums[index] = sums[index].map { $0 + half } }
        continue
      }
      let lanes = ScheduleLanes(replay.schedule(.likely(seed: 1)))
      let outcomes = lanes.replay(settings, replay.rules, blocks: 2, threads: threads)
      for (index, halves) in outcomes.enumerated() {
        for half in halves.indices { sums[index][half] += halves[half].scaled(by: vcpu.weight) }
      }
    }
    return sums
  }

  /// The settings that no other beats on both poll CPU and wake-up latency, by rising poll CPU.
  package var front: [Row] {
    let sorted = rows.sorted {
      ($0.outcome.pollTime, $0.outcome.latency) < ($1.outcome.pollTime, $1.outcome.latency)
    }
    var front: [Row] = []
    for row in sorted where front.last.map({ row.outcome.latency < $0.outcome.latency }) ?? true {
      front.append(row)
    }
    return front
  }
}
