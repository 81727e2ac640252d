/// What a trace shows of the halts of one vCPU, or of several, beside what KVM counts.
package struct TracedHalts: Hashable, Sendable {
  // In the interval.
  package var polled: UInt64 = 0
  package var slept: UInt64 = 0
  package var grows: UInt64 = 0
  package var shrinks: UInt64 = 0
  /// How long halts lasted, polling included.
  package var block = Histogram()
  /// From the waking to the traced wake-up, of halts that slept.
  package var wakeLatency = Histogram()
  /// Halts whose window is not known.
  package var undecided: UInt64 = 0
  /// Gaps in which events may be lost.
  package var gaps: UInt64 = 0
  /// Decisions that the rules do not give.
  package var contradicted: UInt64 = 0

  // Since it is followed.
  /// How long halts lasted, in KVM's buckets.
  package var blocks = LogHistogram()
  /// How the kernel's decisions compare with its rules.
  package var fidelity = Fidelity()
  /// The most frequent moves of the window, the most frequent first; none of several vCPUs.
  package var moves: [Moves] = []
  /// The window in each of the last intervals, oldest first; none of several vCPUs.
  package var history: [Span] = []
  /// The window now, in ns; nil where it is not known, and of several vCPUs.
  package var window: UInt32?

  package init() {}

  /// Halts in the interval.
  package var halts: UInt64 { polled.plus(slept) }

  /// Whether figures of the interval may be too low: events may be lost, or of so many halts that it shows,
  /// one in twenty, nobody knows the window, so whether they polled in vain.
  package var isIncomplete: Bool { gaps > 0 || undecided.times(20) > halts }

  /// How often the window went from one length to another.
  package struct Moves: Hashable, Sendable {
    package var move: Decision.Move
    /// In ns.
    package var old: UInt32
    package var new: UInt32
    package var count: UInt64
  }

  /// One interval of one vCPU.
  package struct Span: Hashable, Sendable {
    package var end: Timestamp
    /// The window, in ns: the narrowest, its mean over time, and the widest; nil where it was not known.
    package var windows: Windows?
    package var halts: UInt64
    package var grows: UInt64
    package var shrinks: UInt64
  }

  /// The windows of an interval, in ns.
  package struct Windows: Hashable, Sendable {
    package var least: UInt32
    package var mean: Double
    package var most: UInt32
  }

  /// So many intervals are remembered.
  static let spans = 60
  /// So many different moves are told.
  static let movesTold = 8

  /// What came of a thread in an interval.
  init(_ track: VCPUTrack) {
    let measures = track.measures
    (polled, slept) = (measures.polled, measures.slept)
    (grows, shrinks) = (measures.grows, measures.shrinks)
    (block, wakeLatency) = (measures.block, measures.wakeLatency)
    undecided = track.unknown
    gaps = track.gaps.plus(track.gapsShown)
    fidelity = track.fidelity
    window = track.windows.now?.window
    moves = track.evidence.moves.prefix(Self.movesTold).map {
      Moves(move: $0.move.move, old: $0.move.old, new: $0.move.new, count: $0.count)
    }
  }

  /// Adds another vCPU's.
  mutating func merge(_ other: Self) {
    polled = polled.plus(other.polled)
    slept = slept.plus(other.slept)
    grows = grows.plus(other.grows)
    shrinks = shrinks.plus(other.shrinks)
    block.merge(other.block)
    wakeLatency.merge(other.wakeLatency)
    undecided = undecided.plus(other.undecided)
    gaps = gaps.plus(other.gaps)
    contradicted = contradicted.plus(other.contradicted)
    blocks.merge(other.blocks)
    fidelity.merge(other.fidelity)
  }
}

extension TracedHalts.Windows {
  /// The windows of which `shares` tell; nil where there is none.
  init?(_ shares: WindowShares) {
    let times = shares.times.filter { $0.time > 0 }
    guard let first = times.first, let last = times.last else { return nil }
    let mean = shares.shares.reduce(0) { $0 + Double($1.window) * $1.share }
    self.init(least: first.window, mean: mean, most: last.window)
  }
}

extension HaltCounters {
  /// KVM's counters as a trace tells them: all but the exits of HLT and the wake-ups.
  init(_ counters: KernelCounters) {
    self.init()
    self[.attemptedPolls] = counters.attemptedPolls
    self[.successfulPolls] = counters.successfulPolls
    self[.invalidPolls] = counters.invalidPolls
    self[.successfulPollTime] = counters.successfulPollTime.rawValue
    self[.failedPollTime] = counters.failedPollTime.rawValue
    self[.waitTime] = counters.waitTime.rawValue
    self[.successes] = counters.successfulPollHistogram
    self[.failures] = counters.failedPollHistogram
    self[.waits] = counters.waitHistogram
  }
}
