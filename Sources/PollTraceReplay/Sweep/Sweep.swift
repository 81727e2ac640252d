package import PollTrace

/// Every setting of a grid replayed over every vCPU.
///
/// Outcomes are additive: sweeps of the same grid over other vCPUs, files or hosts add up.
package struct Sweep: Sendable {
  /// vCPUs that are counted together: those of one VM.
  package struct Group: Hashable, Sendable {
    package let vm: Untrusted
    package let vcpus: Int
    /// Its process and name, as far as they are known.
    package let process: ProcessID?
    package let name: Untrusted?
    /// The numbers of the traces that it is in, rising.
    package let traces: [Int]
    /// Recorded time summed over its vCPUs, in ns.
    package let time: Double
    /// What it obeyed at the end of the recording.
    package let parameters: PollParameters
    /// Whether its VM has a ceiling of its own.
    package let hasOwnCeiling: Bool
  }
  /// What one setting would have done to the vCPUs that count.
  package struct Row: Sendable {
    package let parameters: PollParameters
    /// In the first half of the recording's time, and in the second.
    package let halves: [PollOutcome]
    package var outcome: PollOutcome { halves[0] + halves[1] }
  }

  package let groups: [Group]
  /// A row a setting of the grid.
  package private(set) var rows: [Row]
  /// What the parameters at the end of the recording would have done in each half of its time.
  private(set) var current = [PollOutcome.zero, .zero]
  /// The time of the vCPUs that count, in ns.
  package let time: Double
  private let places: [PollParameters: Int]
  /// By group and setting, the whole time.
  private var byGroup: [[PollOutcome]]

  /// Replays each setting of `grid` over `vcpus`, and the settings `beside` it over each VM alone; those
  /// count that `counts` says.
  ///
  /// Halts that are seen later than the `limit` are late.
  package init(
    _ vcpus: [RecordedVCPU], _ grid: PollGrid, beside: [PollParameters] = [],
    limit: Nanoseconds? = nil, threads: Int,
    counts: (RecordedVCPU) -> Bool = { _ in true }
  ) {
    var settings = grid.settings
    let listed = Set(settings)
    settings += Set(beside + vcpus.map(\.parameters)).subtracting(listed)
    places = Dictionary(zip(settings, settings.indices), uniquingKeysWith: { first, _ in first })
    let members = vcpus.grouped(by: \.vmKey)
    let hosts = Set(vcpus.map(\.host))
    groups = members.map { vcpus in
      Group(
        vm: hosts.count > 1 ? vcpus[0].vmKey : vcpus[0].vm, vcpus: vcpus.count,
        process: vcpus[0].identity.process, name: vcpus[0].identity.vm,
        traces: Set(vcpus.map(\.span.number)).sorted(), time: vcpus.reduce(0) { $0 + $1.time },
        parameters: vcpus[0].parameters, hasOwnCeiling: vcpus[0].hasOwnCeiling)
    }
    time = vcpus.reduce(0) { $0 + (counts($1) ? $1.time : 0) }
    byGroup = members.map { _ in Array(repeating: PollOutcome.zero, count: settings.count) }
    var sums = Array(repeating: [PollOutcome.zero, .zero], count: settings.count)
    let all = members.indices.flatMap { group in members[group].map { (group: group, vcpu: $0) } }
    // The wake events of some vCPUs at a time: they are as large as a recording.
    for some in all.groups(of: max(1, threads)) {
      let schedules = Parallel.map(some, threads: threads) {
        $0.vcpu.replay.map { replay in
          var schedule = replay.schedule(.choosing)
          if let limit { schedule.limit = Int32(clamping: limit.rawValue) }
          return ScheduleLanes(schedule)
        }
      }
      for ((group, vcpu), schedule) in zip(some, schedules) {
        let outcomes = vcpu.halves(schedule, settings, threads: threads)
        for (index, halves) in outcomes.enumerated() {
          byGroup[group][index] += halves[0] + halves[1]
        }
        guard counts(vcpu) else { continue }
        for (index, halves) in outcomes.enumerated() {
          for half in halves.indices { sums[index][half] += halves[half] }
        }
        if let own = places[vcpu.parameters] {
          for half in current.indices { current[half] += outcomes[own][half] }
        }
      }
    }
    rows = grid.settings.indices.map { Row(parameters: settings[$0], halves: sums[$0]) }
  }

  /// One group under a setting of the grid or beside it, the whole time.
  package func outcome(of group: Int, under setting: PollParameters) -> PollOutcome? {
    places[setting].map { byGroup[group][$0] }
  }

  /// The settings that no other beats on both poll CPU and wake-up latency, by rising poll CPU.
  package var front: [Row] {
    let sorted = rows.map { (row: $0, outcome: $0.outcome) }.sorted {
      ($0.outcome.pollTime, $0.outcome.latency) < ($1.outcome.pollTime, $1.outcome.latency)
    }
    var front: [Row] = []
    var least = Int64.max
    for (row, outcome) in sorted where outcome.latency < least || front.isEmpty {
      front.append(row)
      least = outcome.latency
    }
    return front
  }
}

extension RecordedVCPU {
  /// The two halves of the time under each setting; as recorded where there is nothing to replay.
  fileprivate func halves(
    _ schedule: ScheduleLanes?, _ settings: [PollParameters], threads: Int
  ) -> [[PollOutcome]] {
    guard let schedule, let replay else {
      let half = RecordingSpan.blocks / 2
      let halves = [logged.prefix(half), logged.suffix(half)].map {
        $0.reduce(.zero, +).scaled(by: weight)
      }
      return settings.map { _ in halves }
    }
    return schedule.replay(settings, replay.rules, blocks: 2, threads: threads)
      .map { $0.map { $0.scaled(by: weight) } }
  }
}
