/// What polling did in a number of halts whose window is known: counted halt by halt, and mergeable.
///
/// A poll that was given up before its window ran out shows only in when the thread was switched
/// out, and that lies a few µs behind the poll's end: the way through the scheduler. How long that
/// way is shows at polls that ran out and at halts that did not poll, so it is collected beside the
/// abandoned polls, apart for a CPU that went idle and one that had another task to run.
///
/// A poll whose CPU is taken away while it looks at the clock for the last time (an interrupt, a
/// host below this one) overruns its window; no way through the scheduler is that long.
package struct PollAccount: Hashable, Sendable {
  /// Everything but the abandoned polls' own time.
  private var counters = KernelCounters()
  /// From the end of a poll (or a halt's begin, where there was none) to the switch, in ns.
  private var toIdle = Histogram()
  private var toTask = Histogram()
  /// From the begin of a halt with an abandoned poll to the switch, in ns.
  private var abandonedToIdle = Histogram()
  private var abandonedToTask = Histogram()
  /// Polls that overran their window, by what their CPU did next.
  private var overrun: (toIdle: UInt64, toTask: UInt64) = (0, 0)
  /// Failed polls that were measured, and the most they could have lasted.
  private var measured: (count: UInt64, bound: Nanoseconds) = (0, .zero)
  /// Failed polls that were not.
  private var unmeasuredPolls = UnmeasuredPolls()

  package init() {}

  /// Counts a halt that began with a window of `window` ns (already cut at the ceiling).
  package mutating func add(_ halt: Halt, window: UInt32, rules: PollRules) {
    let length = Nanoseconds(UInt64(window))
    switch halt.ending {
    case .polled where window != 0:
      counters.attemptedPolls += 1
      if rules.lateWakeupIsSuccess || halt.block <= length + Self.beforePolling {
        counters.successfulPolls += 1
      }
      if !halt.isValid { counters.invalidPolls += 1 }
      counters.successfulPollTime += halt.block
      counters.successfulPollHistogram.add(halt.block)
    case .polled:
      break
    case .slept where window == 0:
      counters.waitTime += halt.block
      counters.waitHistogram.add(halt.block)
      if case .measured(let way) = halt.poll { add(way, to: halt.successor) }
    case .slept:
      counters.attemptedPolls += 1
      addFailedPoll(of: halt, window: length)
    }
  }

  private mutating func addFailedPoll(of halt: Halt, window: Nanoseconds) {
    if halt.poll != .unmeasured {
      measured.count += 1
      measured.bound += min(window, halt.block)
    }
    switch halt.poll {
    case .measured(let switched) where switched < window:
      if halt.successor == .idle {
        abandonedToIdle.add(switched)
      } else {
        abandonedToTask.add(switched)
      }
      counters.waitTime += halt.block
      counters.waitHistogram.add(halt.block - (switched - Self.typicalWay))
    case .measured(let switched) where switched - window > Self.longestWay:
      if halt.successor == .idle { overrun.toIdle += 1 } else { overrun.toTask += 1 }
      addFailedPoll(lasting: min(switched - Self.typicalWay, halt.block), of: halt)
    case .measured(let switched):
      add(switched - window, to: halt.successor)
      // The loop looks at the clock once a turn, so it ends half a turn late in the mean.
      addFailedPoll(lasting: min(window + Self.halfTurn, halt.block), of: halt)
    case .unmeasured:
      unmeasuredPolls.add(block: halt.block, window: window)
    }
  }

  private mutating func addFailedPoll(lasting poll: Nanoseconds, of halt: Halt) {
    counters.failedPollTime += poll
    counters.failedPollHistogram.add(poll)
    counters.waitTime += halt.block - poll
    counters.waitHistogram.add(halt.block - poll)
  }

  private mutating func add(_ way: Nanoseconds, to successor: ThreadID?) {
    if successor == .idle { toIdle.add(way) } else { toTask.add(way) }
  }

  /// The way through the scheduler that the wait histogram assumes while counting, in ns: its
  /// buckets are octaves, and the true way (measured by `way(to:else:)`) is within a µs of it.
  private static let typicalWay: Nanoseconds = 2_000
  /// Longer than the way through the scheduler takes, in ns: its median is 2 µs on real hardware
  /// and 12 µs on an emulated machine (docs/lab.md).
  private static let longestWay: Nanoseconds = 25_000

  /// Adds another account.
  package mutating func merge(_ other: PollAccount) {
    counters.merge(other.counters)
    toIdle.merge(other.toIdle)
    toTask.merge(other.toTask)
    abandonedToIdle.merge(other.abandonedToIdle)
    abandonedToTask.merge(other.abandonedToTask)
    overrun.toIdle += other.overrun.toIdle
    overrun.toTask += other.overrun.toTask
    measured.count += other.measured.count
    measured.bound += other.measured.bound
    unmeasuredPolls.merge(other.unmeasuredPolls)
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.counters == right.counters && left.toIdle == right.toIdle && left.toTask == right.toTask
      && left.abandonedToIdle == right.abandonedToIdle
      && left.abandonedToTask == right.abandonedToTask && left.overrun == right.overrun
      && left.measured == right.measured
      && left.unmeasuredPolls == right.unmeasuredPolls
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(counters) }
}

extension PollAccount {
  /// Polls that were given up before their window ran out.
  package struct Abandoned: Hashable, Sendable {
    package var count: UInt64
    /// The median of how long they lasted, in ns; nil where there are none.
    package var median: UInt64?
  }

  /// The abandoned polls that were measured.
  package var abandoned: Abandoned {
    let polls = abandonedPolls
    return Abandoned(count: polls.count, median: polls.quantile(0.5))
  }

  /// KVM's counters, the abandoned polls' time included.
  package var kernelCounters: KernelCounters {
    var all = counters
    for bucket in abandonedPolls.buckets {
      let poll = Nanoseconds(bucket.middle)
      all.failedPollHistogram.add(poll, times: bucket.count)
      all.failedPollTime += Nanoseconds(poll.rawValue * bucket.count)
      all.waitTime = all.waitTime - Nanoseconds(poll.rawValue * bucket.count)
    }
    let overcounted = wayOfOverruns
    all.failedPollTime = all.failedPollTime - overcounted
    all.waitTime += overcounted
    let bound = Double(max(1, measured.bound.rawValue))
    unmeasuredPolls.put(
      into: &all, measured: measured.count, share: Double(all.failedPollTime.rawValue) / bound)
    return all
  }

  /// Failed polls whose real length nothing tells.
  package var unmeasured: UInt64 { unmeasuredPolls.count }

  /// What the way through the scheduler took of the polls that overran, beyond what was taken off
  /// them while counting.
  private var wayOfOverruns: Nanoseconds {
    let ways = [
      (overrun.toIdle, Self.way(toIdle, else: toTask, around: abandonedToIdle)),
      (overrun.toTask, Self.way(toTask, else: toIdle, around: abandonedToTask)),
    ]
    return ways.reduce(.zero) { sum, overruns in
      sum + Nanoseconds(overruns.0 * (Nanoseconds(overruns.1) - Self.typicalWay).rawValue)
    }
  }

  /// How long the abandoned polls lasted.
  ///
  /// The way is taken off. A poll given up at once lasts one turn of the loop, far less than the
  /// way varies: whatever was switched out within three ways of the halt's begin counts as that.
  private var abandonedPolls: Histogram {
    var polls = Histogram()
    for (times, way) in [
      (abandonedToIdle, Self.way(toIdle, else: toTask, around: abandonedToIdle)),
      (abandonedToTask, Self.way(toTask, else: toIdle, around: abandonedToTask)),
    ] {
      for bucket in times.buckets {
        let poll =
          bucket.middle <= 3 * way ? Self.oneTurn : Nanoseconds(bucket.middle) - Nanoseconds(way)
        polls.add(poll, times: UInt32(clamping: bucket.count))
      }
    }
    return polls
  }

  /// One turn of the poll loop: 0.15 to 0.25 µs in KVM's own histograms of failed polls where
  /// nearly all were given up at once (x86_64, 6.18; docs/method.md).
  private static let oneTurn: Nanoseconds = 200
  /// Between the two readings of the clock at a poll's begin.
  ///
  /// The halt counts from the first, the window from the second. 80 ns were seen on an emulated
  /// 5.10; a wake-up that came after the poll ends a halt some turns later.
  private static let beforePolling: Nanoseconds = 200
  private static let halfTurn: Nanoseconds = 100

  /// The median way through the scheduler; where too few halts show it, that of the other kind of
  /// successor, and where none do, the quickest tenth of the abandoned polls themselves.
  private static func way(
    _ times: Histogram, else others: Histogram, around abandoned: Histogram
  ) -> UInt64 {
    if times.count >= 20, let way = times.quantile(0.5) { return way }
    if others.count >= 20, let way = others.quantile(0.5) { return way }
    return min(abandoned.quantile(0.1) ?? 0, longestWay.rawValue)
  }
}
