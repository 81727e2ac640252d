/// How much a guest and its host polled over time, both on the host's clock.
package struct SideTimeline: Hashable, Sendable {
  package var axis: Timeline.Axis
  /// CPUs that are looked at.
  package var cpus: Int
  /// Time polled in each bin, and time in which the guest's CPUs idled, in ns summed over CPUs.
  package private(set) var byGuest: [UInt64]
  package private(set) var byHost: [UInt64]
  package private(set) var idle: [UInt64]

  package init(axis: Timeline.Axis, cpus: Int) {
    (self.axis, self.cpus) = (axis, cpus)
    byGuest = Array(repeating: 0, count: axis.bins)
    byHost = byGuest
    idle = byGuest
  }

  /// Counts a guest's idle time, whose times are the host's already.
  package mutating func add(_ idle: Idle) {
    if let poll = idle.poll { Self.spread(idle.began, poll, on: axis, &byGuest) }
    Self.spread(idle.began, idle.length, on: axis, &self.idle)
  }

  /// Counts a poll of the host's that began at `began`.
  package mutating func addHost(_ began: Timestamp, _ length: Nanoseconds) {
    Self.spread(began, length, on: axis, &byHost)
  }

  /// Adds other CPUs on the same axis.
  mutating func merge(_ other: SideTimeline) {
    cpus = cpus + other.cpus
    for bin in 0..<axis.bins {
      byGuest[bin].add(other.byGuest[bin])
      byHost[bin].add(other.byHost[bin])
      idle[bin].add(other.idle[bin])
    }
  }

  /// The share of the idle time in bin `number` that `sums` have; nil without any.
  package func shareOfIdle(_ sums: [UInt64], in number: Int) -> Double? {
    idle[number] > 0 ? Double(sums[number]) / Double(idle[number]) : nil
  }

  /// The share of the CPUs' time in bin `number` that `sums` have.
  package func share(_ sums: [UInt64], in number: Int) -> Double {
    let length = axis.begin(of: number + 1) - axis.begin(of: number)
    let time = Double(length.rawValue) * Double(max(1, cpus))
    return time > 0 ? min(1, Double(sums[number]) / time) : 0
  }

  /// Puts a stretch of time into the bins that it lies in.
  private static func spread(
    _ began: Timestamp, _ length: Nanoseconds, on axis: Timeline.Axis, _ sums: inout [UInt64]
  ) {
    let from = max(began, axis.begin)
    let to = min(began + length, axis.end)
    guard from < to else { return }
    var bin = axis.bin(of: from)
    var begin = from
    while begin < to, bin < axis.bins {
      let end = bin + 1 < axis.bins ? min(to, axis.begin(of: bin + 1)) : to
      // A bin is found by rounding: it may end where the stretch begins.
      if end > begin {
        sums[bin].add((end - begin).rawValue)
        begin = end
      }
      bin += 1
    }
  }
}

/// Whether a host's halts end where those of its guest do: else the offset of their clocks is wrong.
package struct OffsetCheck: Sendable {
  /// The guest's halts of one CPU, by the moment at which they ended, on the host's clock.
  private var ends: [Timestamp] = []
  private var fit: UInt64 = 0
  private var halts: UInt64 = 0
  private var span: ClosedRange<Timestamp>

  /// A guest's CPU is back so long after its vCPU's wake-up at most: an entry, perhaps of a nested VM.
  private static let latest: Nanoseconds = 200_000
  /// Clocks that are read at different places differ by so much.
  private static let earliest: Nanoseconds = 5_000

  /// Halts in `span` count.
  package init(in span: ClosedRange<Timestamp>) { self.span = span }

  /// Takes the end of the guest's next halt in.
  package mutating func addGuest(_ ended: Timestamp) { ends.append(ended) }

  /// Takes in when a halt of the host ended.
  package mutating func addHost(_ woke: Timestamp) {
    guard span.contains(woke) else { return }
    halts += 1
    let from = woke - Self.earliest
    var (low, high) = (0, ends.count)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] < from { low = middle + 1 } else { high = middle }
    }
    if low < ends.count, ends[low] <= woke + Self.latest { fit += 1 }
  }

  /// The fit of several CPUs; nil where there are too few halts to tell.
  package static func sum(_ checks: [OffsetCheck]) -> BothSides.Fit? {
    let halts = checks.reduce(0 as UInt64) { $0 + $1.halts }
    guard halts >= BothSides.Fit.least else { return nil }
    // Each CPU's halts that chance would let fit: so much of the time lies within reach of an end.
    let chance = checks.reduce(0.0) { sum, check in
      let time = Double((check.span.upperBound - check.span.lowerBound).rawValue)
      let reach = Double((latest + earliest).rawValue)
      let within = check.ends.reduce(0) { $0 + (check.span.contains($1) ? 1 : 0) }
      return sum + Double(check.halts) * min(1, time > 0 ? Double(within) * reach / time : 1)
    }
    return BothSides.Fit(
      halts: halts, fit: checks.reduce(0) { $0 + $1.fit }, byChance: chance / Double(halts))
  }
}
