/// How long a poll at each recorded halt could have lasted: until the CPU was wanted.
///
/// KVM ends a poll early when another task is runnable (`need_resched()`, `single_task_running()`). A
/// task on the vCPU's own CPU that wakes it was there: the poll is cut short before its wake-up, even
/// where the switch went to the idle task. An interrupt does not end a poll. Where nothing tells, polls
/// are cut short as often as in the rest of the recording.
struct PollCuts {
  /// Poll time after which each halt's poll is cut short, in ns; `.max` where it is not.
  private(set) var limits: [Int32]
  /// The share of halts whose poll is cut short; 1 where nothing recorded tells.
  private(set) var share: Double
  /// Halts whose poll is cut short.
  let count: Int

  init(_ halts: Observation, _ random: inout SplitMix64) {
    let times = Times(halts)
    limits = Array(repeating: .max, count: halts.count)
    let whenLocal = times.local.count >= 20 ? times.local : [0]
    let chance =
      times.visible >= 20 ? Double(times.remote.count) / Double(times.visible) : 0
    for index in limits.indices {
      let halt = halts[index]
      if halt.wokenLocally {
        limits[index] =
          halt.pollWasCut
          ? Int32(clamping: halt.polled) : whenLocal[random.index(below: whenLocal.count)]
      } else if let time = Times.remote(halt, halts) {
        limits[index] = time
      } else if chance > 0, !halt.pollRanOut, halt.slept || halt.window == 0,
        random.uniform() < chance
      {
        limits[index] = times.remote[random.index(below: times.remote.count)]
      }
      // Without a window, a task that took the CPU at once was there already.
      if halt.hasLatency, halt.hasWindow, halt.window == 0, halt.leftToTask, halt.left > 0,
        halt.left < 10 * halts.switchOut
      {
        limits[index] = 0
      }
    }
    count = limits.reduce(0) { $0 + ($1 < .max ? 1 : 0) }
    let isUnknown = halts.hasNoWakings && times.windows < 20
    share = isUnknown ? 1 : Double(count) / Double(max(1, limits.count))
  }

  /// No poll of `halts` is cut short.
  init(without halts: Observation) {
    limits = Array(repeating: .max, count: halts.count)
    (share, count) = (0, 0)
  }

  /// The same if every poll were cut short at once, or none.
  func assuming(everyPoll isCut: Bool) -> PollCuts {
    var other = self
    other.limits = Array(repeating: isCut ? 0 : .max, count: limits.count)
    return other
  }
}

/// How long recorded polls lasted that were cut short, in ns.
private struct Times {
  /// By a task on the vCPU's own CPU that woke it, and by others.
  private(set) var local: [Int32] = []
  private(set) var remote: [Int32] = []
  /// Halts without such a task that show whether their poll was cut short, and open windows.
  private(set) var visible = 0
  private(set) var windows = 0

  init(_ halts: Observation) {
    for index in 0..<halts.count {
      let halt = halts[index]
      windows += halt.window > 0 ? 1 : 0
      if halt.wokenLocally {
        if halt.pollWasCut { local.append(Int32(clamping: halt.polled)) }
        continue
      }
      let time = Self.remote(halt, halts)
      if let time { remote.append(time) }
      visible += time != nil || halt.window > 0 && (!halt.slept || halt.pollRanOut) ? 1 : 0
    }
  }

  /// How long the poll of `halt`, which no such task ended, lasted until it was cut short; nil where
  /// it was not.
  static func remote(_ halt: Observation.Halt, _ halts: Observation) -> Int32? {
    guard halts.hasNoWakings else {
      return halt.pollWasAbandoned ? Int32(clamping: halt.polled) : nil
    }
    // A sleep within the window can only follow a poll that was cut short.
    return halt.slept && halt.window > 0 && halt.block <= halt.window ? 1_000 : nil
  }
}
