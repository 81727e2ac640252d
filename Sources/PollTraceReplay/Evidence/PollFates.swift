/// How long a poll at each recorded halt would have been let go on: until the CPU was wanted.
///
/// KVM gives a poll up when another task is runnable (`need_resched()`, `single_task_running()`). A
/// task on the vCPU's own CPU that wakes it was there: the poll is given up before its wake-up, even
/// where the switch went to the idle task. An interrupt does not end a poll. Where nothing tells, the
/// share of recorded polls that were abandoned does.
struct PollFates {
  /// What the interval supposes instead.
  enum Supposition { case asFound, allAbandoned, noneAbandoned }

  /// Poll time after which each halt's poll is given up, in ns; nil where it is not.
  private(set) var limits: [Int64?]
  /// The share of halts whose poll is given up.
  private(set) var share: Double
  /// Halts whose poll is given up.
  private(set) var count: Int
  /// Whether nothing recorded tells of abandoned polls at all.
  let isUnknown: Bool

  init(_ halts: Observation, _ random: inout SplitMix64) {
    let count = halts.count
    limits = Array(repeating: nil, count: count)
    let indices = 0..<count
    let local = indices.map { halts[$0].wokenLocally }
    let localTimes = indices.filter { halts[$0].pollWasCut && local[$0] }.map { halts[$0].polled }
    let draw = localTimes.count >= 20 ? localTimes : [0]
    for index in indices where local[index] {
      limits[index] =
        halts[index].pollWasCut && halts[index].window > 0
        ? halts[index].polled : draw[random.index(below: draw.count)]
    }
    var remote = indices.filter { !local[$0] && halts[$0].pollWasAbandoned }
    var remoteTimes = remote.map { halts[$0].polled }
    var visible = indices.filter {
      halts[$0].window > 0 && !local[$0]
        && (!halts[$0].slept || halts[$0].pollRanOut || halts[$0].pollWasAbandoned)
    }.count
    if halts.hasNoWakings {
      // A sleep within the window can only follow an abandoned poll.
      remote = indices.filter {
        halts[$0].slept && halts[$0].window > 0
          && halts[$0].woke - halts[$0].began <= halts[$0].window
      }
      remoteTimes = remote.isEmpty ? [] : [1_000]
      visible =
        indices.filter { halts[$0].window > 0 && !halts[$0].slept }.count + remote.count
      for index in remote { limits[index] = 1_000 }
    } else {
      for index in remote { limits[index] = halts[index].polled }
    }
    let chance = visible >= 20 ? Double(remote.count) / Double(visible) : 0
    if !remoteTimes.isEmpty, chance > 0 {
      let known = Set(remote)
      for index in indices
      where !local[index] && !known.contains(index) && !halts[index].pollRanOut
        && !(halts[index].window > 0 && !halts[index].slept)
      {
        if random.uniform() < chance {
          limits[index] = remoteTimes[random.index(below: remoteTimes.count)]
        }
      }
    }
    // Without a window, a task that took the CPU at once was there already.
    for index in indices
    where halts[index].hasLatency && halts[index].window == 0 && halts[index].leftToTask
      && halts[index].left > 0 && halts[index].left < 10 * halts.wayOut
    {
      limits[index] = 0
    }
    self.count = limits.filter { $0 != nil }.count
    share = Double(self.count) / Double(max(1, count))
    isUnknown =
      halts.hasNoWakings && indices.filter { halts[$0].window > 0 }.count < 20
    if isUnknown { share = 1 }
  }

  /// The same under another supposition.
  func supposing(_ supposition: Supposition) -> PollFates {
    var other = self
    switch supposition {
    case .asFound: break
    case .allAbandoned: other.limits = limits.map { _ in 0 }
    case .noneAbandoned: other.limits = limits.map { _ in nil }
    }
    return other
  }
}
