/// How long a poll at each recorded halt could have lasted: until the CPU was wanted.
///
/// KVM ends a poll early when another task is runnable (`need_resched()`, `single_task_running()`). A
/// task on the vCPU's own CPU that wakes it was there: the poll is cut short before its wake-up, even
/// where the switch went to the idle task. An interrupt does not end a poll. Where nothing tells, polls
/// are cut short as often as in the rest of the recording.
struct PollCuts {
  /// Poll time after which each halt's poll is cut short, in ns; nil where it is not.
  private(set) var limits: [Int64?]
  /// The share of halts whose poll is cut short.
  private(set) var share: Double
  /// Halts whose poll is cut short.
  private(set) var count: Int
  /// Whether nothing recorded tells of polls cut short at all.
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
        halts[index].pollWasCut ? halts[index].polled : draw[random.index(below: draw.count)]
    }
    var remote = indices.filter { !local[$0] && halts[$0].pollWasAbandoned }
    var remoteTimes = remote.map { halts[$0].polled }
    var visible = indices.filter {
      halts[$0].window > 0 && !local[$0]
        && (!halts[$0].slept || halts[$0].pollRanOut || halts[$0].pollWasAbandoned)
    }.count
    if halts.hasNoWakings {
      // A sleep within the window can only follow a poll that was cut short.
      remote = indices.filter {
        halts[$0].slept && halts[$0].window > 0 && halts[$0].block <= halts[$0].window
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
    where halts[index].hasLatency && halts[index].hasWindow && halts[index].window == 0
      && halts[index].leftToTask && halts[index].left > 0
      && halts[index].left < 10 * halts.switchOut
    {
      limits[index] = 0
    }
    self.count = limits.filter { $0 != nil }.count
    share = Double(self.count) / Double(max(1, count))
    isUnknown =
      halts.hasNoWakings && indices.filter { halts[$0].window > 0 }.count < 20
    if isUnknown { share = 1 }
  }

  /// The same if every poll were cut short at once, or none.
  func assuming(everyPoll isCut: Bool) -> PollCuts {
    var other = self
    other.limits = limits.map { _ in isCut ? 0 : nil }
    return other
  }
}
