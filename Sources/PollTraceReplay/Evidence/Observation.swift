internal import PollTrace

/// One vCPU's recorded halts as a replay sees them: when each began, when its wake event arrived,
/// when it was seen.
///
/// Times are nanoseconds of the trace's clock. The halts are those of the log itself, 40 bytes each.
struct Observation {
  /// One halt.
  struct Halt {
    fileprivate let entry: HaltLog.Entry

    /// When it ended.
    var woke: Int64 { Int64(bitPattern: entry.woke.rawValue) }
    var block: Int64 { Int64(truncatingIfNeeded: entry.block) }
    var began: Int64 { woke - block }
    /// From its wake event to its being seen: from `sched_waking` where a slept halt has one; 0 for
    /// a polled halt.
    var latency: Int64 { Int64(entry.shortLatency) }
    /// When the wake event came.
    var arrival: Int64 { woke - latency }
    /// From the halt's begin to its wake event.
    var wait: Int64 { block - latency }
    /// Whether the window in force is known; `window` is 0 where it is not.
    var hasWindow: Bool { entry.window != nil }
    /// The window in force.
    var window: Int64 { Int64(entry.shortWindow) }
    /// How long the halt polled; 0 where its window is unknown.
    var polled: Int64 { Int64(entry.polled) }
    /// From the halt's begin to the switch; -1 where none was recorded.
    var left: Int64 { entry.left.map(Int64.init) ?? -1 }
    var slept: Bool { entry.slept }
    /// Whether the arrival of a slept halt was recorded.
    var hasLatency: Bool { entry.latency != nil }
    /// Whether a recorded task on the vCPU's own CPU woke it: that task's being there ends a poll.
    var wokenLocally: Bool { hasLatency && entry.wokenLocally }
    /// The CPU that it gave away, or where it polled.
    var cpu: UInt16 { entry.cpu }
    /// What had the CPU before the vCPU got it back after a sleep; nil where nothing was recorded.
    var enteredFrom: PollTrace.Halt.Entry.From? { slept ? entry.entry : nil }
    /// From the switch to the vCPU to its wake-up's being traced.
    var path: Int64 { Int64(entry.shortPath) }
    /// Whether another task took the CPU.
    var leftToTask: Bool { entry.leftToTask }

    /// Whether a slept halt's poll ran its whole window.
    var pollRanOut: Bool { slept && window > 0 && left >= window }
    /// Whether a slept halt's poll was cut short before its window ended.
    var pollWasCut: Bool { slept && window > 0 && left > 0 && left < window }
    /// The same, and before the wake event came.
    var pollWasAbandoned: Bool { pollWasCut && hasLatency && wait >= left }
  }

  private var entries: [HaltLog.Entry]
  /// Stretches without a loss between their halts.
  let stretches: [Range<Int>]
  /// From the end of a poll to the switch.
  let switchOut: Int64
  /// Without a single recorded waking, latencies are assumed.
  let hasNoWakings: Bool
  /// Whether times are those of the trace: not where damage made steps that were cut short.
  let isOnClock: Bool

  var count: Int { entries.count }
  subscript(index: Int) -> Halt { Halt(entry: entries[index]) }

  /// From a wake-up to its being seen, where nothing was recorded (docs/method.md).
  static let assumedLatency: Int64 = 30_000
  /// From the end of a poll to the switch where too few halts show it.
  private static let assumedSwitchOut: Int64 = 1_500

  /// Longer halts and steps of time count as this, 73 minutes: sums of a million are still numbers.
  ///
  /// The door of the replay: behind it times are below 2⁶² and lengths below 2⁴³, and the loops of
  /// `Simulator` and `CReplay` add them bare. The vectors have a narrower one, `ScheduleLanes.batch`.
  private static let longest: Int64 = 1 << 42

  /// What `log` shows, whose halts become these.
  init(_ log: consuming HaltLog) {
    stretches = log.stretches
    var entries = log.entries
    log.entries = []
    let first = entries.first?.woke
    let last = entries.last?.woke
    Self.tidy(&entries)
    isOnClock = entries.first?.woke == first && entries.last?.woke == last
    let switches = entries.lazy.map(Halt.init).filter {
      $0.hasLatency && $0.hasWindow && $0.left > 0 && $0.left >= $0.window
    }.map { $0.left - $0.window }
    switchOut =
      switches.count >= 20
      ? Int64(saturating: Quantiles.of(switches.sorted(), 0.5)) : Self.assumedSwitchOut
    for index in entries.indices {
      let halt = Halt(entry: entries[index])
      let polled =
        halt.slept && halt.left > 0
        ? min(max(halt.left - switchOut, 0), halt.window) : min(halt.window, halt.block)
      entries[index].polled = UInt32(clamping: polled)
    }
    hasNoWakings = entries.allSatisfy { $0.latency == nil }
    self.entries = entries
    if hasNoWakings { assume(latency: Self.assumedLatency) }
  }

  /// Only slept halts keep a latency, none longer than the halt; halts and steps of time that only
  /// damage explains are cut short.
  private static func tidy(_ entries: inout [HaltLog.Entry]) {
    var last = TimeOffset(entries.first?.woke ?? Timestamp(0))
    let latest = TimeOffset(1 << 61)
    var time = min(last, latest)
    for index in entries.indices {
      let woke = TimeOffset(entries[index].woke)
      let step = max(TimeOffset(-longest), min(woke - last, TimeOffset(longest)))
      time = max(-latest - latest, min(time + step, latest + latest))
      last = woke
      entries[index].woke = Timestamp(UInt64(bitPattern: time.rawValue))
      let block = min(entries[index].block, UInt64(longest))
      entries[index].block = block
      let latency = entries[index].slept ? entries[index].latency : nil
      entries[index].set(latency: latency.map { UInt32(clamping: min(UInt64($0), block)) })
    }
  }

  /// The same with another `latency` assumed, in ns, where none was recorded.
  func assuming(latency: Int64) -> Observation {
    var other = self
    if hasNoWakings { other.assume(latency: latency) }
    return other
  }

  private mutating func assume(latency: Int64) {
    for index in entries.indices where entries[index].slept {
      let halt = self[index]
      // At least a tenth of what followed a full poll is sleep.
      let asleep = halt.block - (halt.block > halt.window ? halt.window : 0)
      entries[index].shortLatency = UInt32(
        clamping: min(latency, Int64(saturating: Double(asleep) * 0.9)))
    }
  }

  /// Halts that have a next one in the same stretch.
  var followed: [Int] { stretches.flatMap { Array($0.dropLast()) } }

  /// How long the guest ran after the halt, for a halt that is followed.
  func busy(_ index: Int) -> Int64 { self[index + 1].began - self[index].woke }
}
