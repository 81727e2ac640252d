internal import PollTrace

/// One vCPU's recorded halts as a replay sees them: when each began, when its wake event arrived,
/// when it was seen.
///
/// Times are nanoseconds of the trace's clock; one element a halt in all arrays.
struct Observation {
  /// Stretches without a loss between their halts.
  let stretches: [Range<Int>]
  let began: [Int64]
  let woke: [Int64]
  /// When the wake event came: at its `sched_waking` where a slept halt has one, at the end of a
  /// polled halt.
  let arrival: [Int64]
  /// The window in force.
  let window: [Int64]
  let slept: [Bool]
  /// Whether the arrival of a slept halt was recorded.
  let hasLatency: [Bool]
  /// From the halt's begin to the switch; -1 where none was recorded.
  let left: [Int64]
  /// How long the halt polled.
  let polled: [Int64]
  /// Whether a recorded task on the vCPU's own CPU woke it: that task's being there ends a poll.
  let wokenLocally: [Bool]
  /// Whether another task took the CPU.
  let leftToTask: [Bool]
  /// From the end of a poll to the switch.
  let wayOut: Int64
  /// Without a single recorded waking, latencies are assumed.
  let hasNoWakings: Bool

  var count: Int { began.count }

  /// From a wake-up to its being seen, where nothing was recorded (docs/method.md).
  static let assumedLatency: Int64 = 30_000
  /// The way through the scheduler where too few halts show it.
  private static let assumedWayOut: Int64 = 1_500

  /// Longer halts and steps of time count as this, 73 minutes: sums of a million are still numbers.
  private static let longest: Int64 = 1 << 42

  /// What `log` shows of a VM with `ceiling` under `rules`; `scale` multiplies assumed latencies.
  init(_ log: HaltLog, ceiling: UInt32, rules: PollRules, assumedLatencyScale scale: Double = 1) {
    let entries = log.entries
    let count = entries.count
    let window = log.windows(ceiling: ceiling, rules: rules).map { Int64($0) }
    let woke = Self.times(entries)
    let began = zip(woke, entries).map { woke, entry in
      woke - min(Int64(clamping: entry.block.rawValue), Self.longest)
    }
    let slept = entries.map { $0.ending == .slept }
    let hasLatency = entries.map { $0.ending == .slept && $0.latency != nil }
    let left = entries.map { $0.left.map(Int64.init) ?? -1 }
    let hasNoWakings = !hasLatency.contains(true)
    var arrival = woke
    for index in 0..<count where slept[index] {
      if let latency = entries[index].latency {
        arrival[index] = max(began[index], woke[index] - Int64(latency))
      } else if hasNoWakings {
        // At least a tenth of what followed a full poll is sleep.
        let block = woke[index] - began[index]
        let asleep = block - (block > window[index] ? window[index] : 0)
        arrival[index] -= min(
          Int64(Double(Self.assumedLatency) * scale), Int64(saturating: Double(asleep) * 0.9))
      }
    }
    var ways: [Int64] = []
    for index in 0..<count where hasLatency[index] && left[index] > 0 {
      if left[index] >= window[index] { ways.append(left[index] - window[index]) }
    }
    let wayOut =
      ways.count >= 20 ? Int64(Quantiles.of(ways.sorted(), 0.5)) : Self.assumedWayOut
    polled = (0..<count).map { index in
      let length = min(window[index], woke[index] - began[index])
      guard slept[index], left[index] > 0 else { return length }
      return min(max(left[index] - wayOut, 0), window[index])
    }
    stretches = log.stretches
    self.began = began
    self.woke = woke
    self.arrival = arrival
    self.window = window
    self.slept = slept
    self.hasLatency = hasLatency
    self.left = left
    self.wayOut = wayOut
    self.hasNoWakings = hasNoWakings
    leftToTask = entries.map(\.leftToTask)
    wokenLocally = zip(entries, hasLatency).map { $1 && $0.waker == .taskOnSameCPU }
  }

  /// When the halts ended; steps that only damage explains are cut short.
  private static func times(_ entries: [HaltLog.Entry]) -> [Int64] {
    var time = min(entries.first.map { Int64(clamping: $0.woke.rawValue) } ?? 0, 1 << 61)
    var last = entries.first?.woke ?? Timestamp(0)
    return entries.map { entry in
      let step = Int64(clamping: entry.woke.rawValue) - Int64(clamping: last.rawValue)
      time += max(-longest, min(step, longest))
      last = entry.woke
      return time
    }
  }

  /// From arrival to its being seen.
  func latency(_ index: Int) -> Int64 { woke[index] - arrival[index] }

  /// From the halt's begin to its wake event.
  func wait(_ index: Int) -> Int64 { arrival[index] - began[index] }

  /// Whether a slept halt's poll ran its whole window.
  func pollRanOut(_ index: Int) -> Bool {
    slept[index] && window[index] > 0 && left[index] >= window[index]
  }

  /// Whether a slept halt's poll was given up before its window ended.
  func pollWasCut(_ index: Int) -> Bool {
    slept[index] && window[index] > 0 && left[index] > 0 && left[index] < window[index]
  }

  /// The same, and before the wake event came.
  func pollWasAbandoned(_ index: Int) -> Bool {
    pollWasCut(index) && hasLatency[index] && wait(index) >= left[index]
  }

  /// Halts that have a next one in the same stretch.
  var followed: [Int] { stretches.flatMap { Array($0.dropLast()) } }

  /// How long the guest ran after the halt, for a halt that is followed.
  func busy(_ index: Int) -> Int64 { began[index + 1] - woke[index] }
}
