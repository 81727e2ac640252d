internal import PollTrace

/// One vCPU's recorded halts as a replay sees them: when each began, when its wake event arrived,
/// when it was seen.
///
/// Times are nanoseconds of the trace's clock. 32 bytes a halt.
struct Observation {
  /// One halt.
  struct Halt {
    let woke: Int64
    /// How long it lasted, below 2⁴³ ns, and `Marks`.
    private var blockAndMarks: UInt64
    /// All in ns.
    private var shortLatency: UInt32 = 0
    private var shortWindow: UInt32
    private var shortPoll: UInt32 = 0
    private var shortLeft: UInt32

    private struct Marks: OptionSet {
      static let bits = 5
      var rawValue: UInt64
      static let slept = Marks(rawValue: 1)
      static let hasLatency = Marks(rawValue: 2)
      static let hasLeft = Marks(rawValue: 4)
      static let wokenLocally = Marks(rawValue: 8)
      static let leftToTask = Marks(rawValue: 16)
    }

    /// `entry`, which ended at `woke`, with `window` in force.
    fileprivate init(_ entry: HaltLog.Entry, woke: Int64, window: UInt32) {
      let block = min(entry.block.rawValue, UInt64(longest))
      self.woke = woke
      shortWindow = window
      shortLeft = entry.left ?? 0
      var marks: Marks = []
      if entry.left != nil { marks.insert(.hasLeft) }
      if entry.leftToTask { marks.insert(.leftToTask) }
      if entry.ending == .slept {
        marks.insert(.slept)
        if let latency = entry.latency {
          marks.insert(.hasLatency)
          if entry.wokenLocally { marks.insert(.wokenLocally) }
          shortLatency = UInt32(min(UInt64(latency), block))
        }
      }
      blockAndMarks = block << Marks.bits | marks.rawValue
    }

    private var marks: Marks { Marks(rawValue: blockAndMarks) }
    var block: Int64 { Int64(blockAndMarks >> Marks.bits) }
    var began: Int64 { woke - block }
    /// From its wake event to its being seen: from `sched_waking` where a slept halt has one; nothing
    /// for a polled halt.
    fileprivate(set) var latency: Int64 {
      get { Int64(shortLatency) }
      set { shortLatency = UInt32(clamping: newValue) }
    }
    /// When the wake event came.
    var arrival: Int64 { woke - latency }
    /// From the halt's begin to its wake event.
    var wait: Int64 { block - latency }
    /// The window in force.
    var window: Int64 { Int64(shortWindow) }
    /// How long the halt polled.
    fileprivate(set) var polled: Int64 {
      get { Int64(shortPoll) }
      set { shortPoll = UInt32(clamping: newValue) }
    }
    /// From the halt's begin to the switch; -1 where none was recorded.
    var left: Int64 { marks.contains(.hasLeft) ? Int64(shortLeft) : -1 }
    var slept: Bool { marks.contains(.slept) }
    /// Whether the arrival of a slept halt was recorded.
    var hasLatency: Bool { marks.contains(.hasLatency) }
    /// Whether a recorded task on the vCPU's own CPU woke it: that task's being there ends a poll.
    var wokenLocally: Bool { marks.contains(.wokenLocally) }
    /// Whether another task took the CPU.
    var leftToTask: Bool { marks.contains(.leftToTask) }

    /// Whether a slept halt's poll ran its whole window.
    var pollRanOut: Bool { slept && window > 0 && left >= window }
    /// Whether a slept halt's poll was given up before its window ended.
    var pollWasCut: Bool { slept && window > 0 && left > 0 && left < window }
    /// The same, and before the wake event came.
    var pollWasAbandoned: Bool { pollWasCut && hasLatency && wait >= left }
  }

  private var halts: [Halt]
  /// Stretches without a loss between their halts.
  let stretches: [Range<Int>]
  /// From the end of a poll to the switch.
  let wayOut: Int64
  /// Without a single recorded waking, latencies are assumed.
  let hasNoWakings: Bool

  var count: Int { halts.count }
  subscript(index: Int) -> Halt { halts[index] }

  /// From a wake-up to its being seen, where nothing was recorded (docs/method.md).
  static let assumedLatency: Int64 = 30_000
  /// The way through the scheduler where too few halts show it.
  private static let assumedWayOut: Int64 = 1_500

  /// Longer halts and steps of time count as this, 73 minutes: sums of a million are still numbers.
  private static let longest: Int64 = 1 << 42

  /// What `log` shows of a VM with `ceiling` under `rules`.
  init(_ log: HaltLog, ceiling: UInt32, rules: PollRules) {
    let windows = log.windows(ceiling: ceiling, rules: rules)
    let woke = Self.times(log.entries)
    var halts = log.entries.indices.map {
      Halt(log.entries[$0], woke: woke[$0], window: windows[$0])
    }
    let ways = halts.filter { $0.hasLatency && $0.left > 0 && $0.left >= $0.window }
      .map { $0.left - $0.window }
    wayOut = ways.count >= 20 ? Int64(Quantiles.of(ways.sorted(), 0.5)) : Self.assumedWayOut
    for index in halts.indices {
      let halt = halts[index]
      halts[index].polled =
        halt.slept && halt.left > 0
        ? min(max(halt.left - wayOut, 0), halt.window) : min(halt.window, halt.block)
    }
    stretches = log.stretches
    hasNoWakings = !halts.contains(where: \.hasLatency)
    self.halts = halts
    if hasNoWakings { assume(latency: Self.assumedLatency) }
  }

  /// The same with another `latency` assumed, in ns, where none was recorded.
  func assuming(latency: Int64) -> Observation {
    var other = self
    if hasNoWakings { other.assume(latency: latency) }
    return other
  }

  private mutating func assume(latency: Int64) {
    for index in halts.indices where halts[index].slept {
      let (block, window) = (halts[index].block, halts[index].window)
      // At least a tenth of what followed a full poll is sleep.
      let asleep = block - (block > window ? window : 0)
      halts[index].latency = min(latency, Int64(saturating: Double(asleep) * 0.9))
    }
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

  /// Halts that have a next one in the same stretch.
  var followed: [Int] { stretches.flatMap { Array($0.dropLast()) } }

  /// How long the guest ran after the halt, for a halt that is followed.
  func busy(_ index: Int) -> Int64 { halts[index + 1].began - halts[index].woke }
}
