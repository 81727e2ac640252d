/// When failed polls ended, told from the switch behind them: those whose CPU then went idle, or
/// those whose CPU then ran another task.
///
/// The switch lies a few µs behind a poll's end: the way through the scheduler. How long that way is
/// shows at polls that ran out and at halts that did not poll. One way in fifty to a hundred takes as
/// long as many polls where the CPU is taken away meanwhile (an interrupt; under nested
/// virtualization a host below this one, which each exit on the way asks in). Halts that did not poll
/// show how often, and that many of the polls that seem long are taken to be such ways.
struct PollEnds: Hashable, Sendable {
  /// From the end of a poll that ran out to the switch, in ns: none is longer than `longestWay`.
  private var ways = Histogram()
  /// From the begin of a halt without a poll to the switch, in ns, however long.
  private var unpolled = Histogram()
  /// From the begin of a halt whose poll was given up to the switch, in ns, and those halts' windows.
  private var abandoned = Histogram()
  private var windows = Histogram()
  private var overruns = Overruns()

  /// Counts a halt that did not poll, and was switched out after `way`.
  mutating func addUnpolled(_ way: Nanoseconds) { unpolled.add(way) }

  /// Counts a poll that ran out `way` before the switch.
  mutating func addRanOut(_ way: Nanoseconds) { ways.add(way) }

  /// Counts a poll whose thread was switched out before its window ran out.
  mutating func addAbandoned(_ switched: Nanoseconds, window: Nanoseconds) {
    abandoned.add(switched)
    windows.add(window)
  }

  /// Counts a poll whose thread was switched out longer after its window ran out than a way takes.
  mutating func addOverrun(_ switched: Nanoseconds, window: Nanoseconds, block: Nanoseconds) {
    overruns.add(switched, window: window, block: block)
  }

  mutating func merge(_ other: Self) {
    ways.merge(other.ways)
    unpolled.merge(other.unpolled)
    abandoned.merge(other.abandoned)
    windows.merge(other.windows)
    overruns.merge(other.overruns)
  }

  /// Longer than a way through the scheduler takes that nothing holds up, in ns: the median is 2 µs
  /// on real hardware and 12 µs on an emulated machine.
  static let longestWay: Nanoseconds = 25_000
  /// The way that is assumed while counting, in ns, where only octaves matter.
  static let typicalWay: Nanoseconds = 2_000
  /// What a poll that ran out lasts beyond its window: the loop looks at the clock once a turn, so
  /// it ends half a turn late in the mean.
  static let halfTurn: Nanoseconds = 100
  /// One turn of the poll loop: 0.13 to 0.26 µs in KVM's own histograms of failed polls where
  /// nearly all were given up at once (x86_64, 6.18; docs/method.md).
  private static let oneTurn: Nanoseconds = 200
  /// How many halts it takes to tell how long ways are.
  private static let enough: UInt64 = 20
  /// How many slow ways it takes to tell how frequent they are.
  private static let enoughSlow: UInt64 = 5
}

extension PollEnds {
  /// Ways through the scheduler.
  private struct Way {
    /// The median, in ns.
    var typical: UInt64
    /// Those of more than `quick`: how long, in ns, and which share of all.
    var slow: [(length: UInt64, share: Double)] = []
    /// Three medians.
    var quick: UInt64 { typical.times(3) }
  }

  /// Where too few halts show it, that of `others` with the other kind of successor; where none do,
  /// the quickest tenth of the abandoned polls themselves.
  private func way(else others: Self) -> Way {
    var typical = min(abandoned.quantile(0.1) ?? 0, Self.longestWay.rawValue)
    for ends in [others, self] {
      var all = ends.ways
      all.merge(ends.unpolled)
      if all.count >= Self.enough, let median = all.quantile(0.5) { typical = median }
    }
    // Of polls that ran out only the quick ones are known. Who runs next has little to do with it.
    var sample = unpolled
    sample.merge(others.unpolled)
    var way = Way(typical: typical)
    let slow = sample.buckets.filter { $0.middle > way.quick }
    if sample.count >= Self.enough, slow.reduce(0, { $0 + $1.count }) >= Self.enoughSlow {
      way.slow = slow.map { (length: $0.middle, share: Double($0.count) / Double(sample.count)) }
    }
    return way
  }

  /// How long the abandoned polls lasted.
  ///
  /// The way is taken off. A poll given up at once lasts one turn of the loop, far less than the
  /// way varies: whatever was switched out within three ways of the halt's begin counts as that, and
  /// of the others as many, in each octave, as ways are that slow.
  func abandonedPolls(else others: Self) -> Histogram { abandonedPolls(way(else: others)) }

  private func abandonedPolls(_ way: Way) -> Histogram {
    guard abandoned.count > 0 else { return Histogram() }
    var (slow, seen) = ([Double](repeating: 0, count: 65), [Double](repeating: 0, count: 65))
    let (buckets, windows) = (abandoned.buckets, windows.buckets)
    for slower in way.slow {
      // A slower one than the window looks like an overrun.
      let wide = windows.reduce(0) { $0 + ($1.middle > slower.length ? $1.count : 0) }
      slow[Self.octave(slower.length)] += slower.share * Double(wide)
    }
    for bucket in buckets where bucket.middle > way.quick {
      seen[Self.octave(bucket.middle)] += Double(bucket.count)
    }
    var polls = Histogram()
    var (atOnce, carried) = (0 as UInt64, 0.0)
    for bucket in buckets {
      guard bucket.middle > way.quick else {
        atOnce += bucket.count
        continue
      }
      let octave = Self.octave(bucket.middle)
      carried += Double(bucket.count) * min(1, slow[octave] / seen[octave])
      let moved = min(bucket.count, UInt64(carried))
      carried -= Double(moved)
      atOnce += moved
      let kept = UInt32(clamping: bucket.count - moved)
      if kept > 0 { polls.add(Nanoseconds(bucket.middle - way.typical), times: kept) }
    }
    if atOnce > 0 { polls.add(Self.oneTurn, times: UInt32(clamping: atOnce)) }
    return polls
  }

  /// Adds the polls that overran their window, and those that were abandoned, whose halts are
  /// counted in `counters` as having waited from the begin on.
  func put(into counters: inout KernelCounters, else others: Self) {
    let way = way(else: others)
    let abandonedPolls = abandonedPolls(way)
    for bucket in abandonedPolls.buckets {
      let poll = Nanoseconds(bucket.middle)
      counters.failedPollHistogram.add(poll, times: bucket.count)
      let time = poll.times(bucket.count)
      counters.failedPollTime += time
      counters.waitTime = counters.waitTime - time
    }
    guard overruns.count > 0 else { return }
    let slow = min(1, overruns(of: way) / Double(overruns.count))
    // Behind a slow way, an abandoned poll looks like one that ran out.
    let failed = Double(abandoned.count + ways.count)
    overruns.put(
      into: &counters, slow: slow, way: Nanoseconds(way.typical),
      abandoned: failed == 0 ? 0 : Double(abandoned.count) / failed,
      lasting: abandonedPolls.mean ?? 0)
  }

  /// How many polls would seem to have overrun their windows for slow ways alone.
  private func overruns(of way: Way) -> Double {
    let longest = Self.longestWay.rawValue
    let (ranOut, windows) = (Double(ways.count + overruns.count), windows.buckets)
    return way.slow.reduce(0.0) { sum, slow in
      let late = windows.reduce(slow.length > longest ? ranOut : 0) {
        $0 + (slow.length > longest + $1.middle ? Double($1.count) : 0)
      }
      return sum + slow.share * late
    }
  }

  private static func octave(_ length: UInt64) -> Int {
    UInt64.bitWidth - length.leadingZeroBitCount
  }
}
