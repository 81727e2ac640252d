/// One vCPU's halts over time, or a guest CPU's idle times, in bins of equal length: what pictures are
/// drawn from.
///
/// Its size does not depend on how long the trace is; timelines of several vCPUs on one axis add up.
package struct Timeline: Hashable, Sendable {
  /// Where bins lie.
  package struct Axis: Hashable, Sendable {
    package var begin: Timestamp
    package var end: Timestamp
    package var bins: Int

    package init(begin: Timestamp, end: Timestamp, bins: Int) {
      self.begin = begin
      self.end = end
      self.bins = bins
    }

    /// The whole of it.
    package var length: Nanoseconds { end - begin }

    /// When bin `number` begins.
    package func begin(of number: Int) -> Timestamp {
      let (whole, rest) = length.rawValue.quotientAndRemainder(dividingBy: UInt64(max(1, bins)))
      return begin
        + Nanoseconds(
          whole * UInt64(number) + rest * UInt64(number) / UInt64(max(1, bins)))
    }

    /// Before when all that follows a time of bin `number` is in it too: `bin(of:)` rounds, and takes
    /// a division.
    fileprivate func sureEnd(of number: Int) -> Timestamp {
      begin(of: number + 1) - Nanoseconds(2 + (length.rawValue >> 48))
    }

    /// The bin of `time`; what lies outside is in the first or the last one.
    package func bin(of time: Timestamp) -> Int {
      let share = Double((time - begin).rawValue) / Double(max(1, length.rawValue))
      return min(bins - 1, Int(min(1, share) * Double(bins)))
    }
  }

  /// The poll windows of a bin, in ns, as its decisions left them.
  package struct Windows: Hashable, Sendable {
    /// Before the bin's first decision, and after its last.
    package var first: UInt32
    package var last: UInt32
    package var least: UInt32
    package var most: UInt32
    /// When those two were, and the windows between them summed over time, in ns².
    private var begin: Timestamp
    private var end: Timestamp
    private var area = 0.0

    init(at time: Timestamp, old: UInt32, new: UInt32) {
      (first, last) = (old, new)
      (least, most) = (min(old, new), max(old, new))
      (begin, end) = (time, time)
    }

    /// The mean over a bin from `start` to `stop`.
    fileprivate func mean(from start: Timestamp, to stop: Timestamp) -> Double {
      let before = Double(first) * Double((begin - start).rawValue)
      let behind = Double(last) * Double((stop - end).rawValue)
      return (before + area + behind) / Double(max(1, (stop - start).rawValue))
    }

    mutating func append(_ later: Windows) {
      area += Double(last) * Double((later.begin - end).rawValue) + later.area
      end = later.end
      last = later.last
      least = min(least, later.least)
      most = max(most, later.most)
    }
  }

  /// What happened in one bin.
  package struct Bin: Hashable, Sendable {
    package var halts: UInt32 = 0
    package var grows: UInt32 = 0
    package var shrinks: UInt32 = 0
    /// Nil where nothing was decided: the window stood still.
    package var windows: Windows?

    @inline(__always)
    mutating func add(_ windowed: WindowedHalt) {
      halts &+= 1
      guard let decision = windowed.halt.decision, let next = windowed.next else { return }
      if decision.move == .grow { grows &+= 1 } else { shrinks &+= 1 }
      append(Windows(at: windowed.halt.woke, old: decision.old, new: next))
    }

    /// Counts a guest's idle time.
    mutating func add(_ limited: LimitedIdle) {
      halts.add(1)
      guard let decision = limited.idle.decision else { return }
      if decision.move == .grow { grows.add(1) } else { shrinks.add(1) }
      append(Windows(at: limited.idle.ended, old: decision.old, new: decision.new))
    }

    mutating func append(_ later: Windows) {
      windows?.append(later)
      if windows == nil { windows = later }
    }

    mutating func merge(_ other: Bin) {
      halts.add(other.halts)
      grows.add(other.grows)
      shrinks.add(other.shrinks)
      if let later = other.windows { append(later) }
    }
  }

  /// Rows of the map of lengths over time: half octaves of `BlockBands`, 512 ns to 1 s.
  package static let rows = 42
  private static let firstRow = 6

  /// What became of all its halts.
  package private(set) var outcomes = HaltOutcomes()
  /// The bins from the first one with a halt to the last.
  private var first = 0
  private var filled: [Bin] = []
  /// How many halts of each length, `rows` a bin.
  private var map: [UInt32] = []

  package init() {}

  /// Counts some halts, in order of time.
  mutating func add(_ halts: Span<WindowedHalt>, on axis: Axis) {
    guard !halts.isEmpty else { return }
    let least = axis.bin(of: halts[0].halt.woke)
    let most = max(least, axis.bin(of: halts[halts.count - 1].halt.woke))
    reach(least...most)
    var (bin, end) = (0, Timestamp(0))
    for index in halts.indices {
      let woke = halts[index].halt.woke
      if woke >= end {
        let number = min(max(axis.bin(of: woke), least), most)
        (bin, end) = (number - first, axis.sureEnd(of: number))
      }
      filled[bin].add(halts[index])
      let band = BlockBands.band(of: halts[index].halt.block.rawValue)
      map[bin * Self.rows + Self.row(of: band)] &+= 1
      outcomes.add(halts[index], in: band)
    }
  }

  /// Counts a guest CPU's next idle time.
  mutating func add(_ limited: LimitedIdle, on axis: Axis) {
    let bin = axis.bin(of: limited.idle.ended)
    reach(bin...bin)
    filled[bin - first].add(limited)
    let band = BlockBands.band(of: limited.idle.length.rawValue)
    map[(bin - first) * Self.rows + Self.row(of: band)].add(1)
    outcomes.add(limited, in: band)
  }

  /// The row of the map in which lengths of `band` are.
  @inline(__always)
  private static func row(of band: Int) -> Int { max(0, min(rows - 1, band / 2 - firstRow)) }

  /// Makes room for `bins`.
  private mutating func reach(_ bins: ClosedRange<Int>) {
    if filled.isEmpty { first = bins.lowerBound }
    let before = first - bins.lowerBound
    if before > 0 {
      filled.insert(contentsOf: repeatElement(Bin(), count: before), at: 0)
      map.insert(contentsOf: repeatElement(0, count: before * Self.rows), at: 0)
      first = bins.lowerBound
    }
    let behind = bins.upperBound + 1 - first - filled.count
    if behind > 0 {
      filled += repeatElement(Bin(), count: behind)
      map += repeatElement(0, count: behind * Self.rows)
    }
  }

  /// Adds another vCPU on the same axis; the windows mean nothing then.
  package mutating func merge(_ other: Timeline) {
    guard let last = other.filled.indices.last else { return }
    reach(other.first...other.first + last)
    let offset = other.first - first
    for index in other.filled.indices { filled[index + offset].merge(other.filled[index]) }
    for index in other.map.indices { map[index + offset * Self.rows].add(other.map[index]) }
    outcomes.merge(other.outcomes)
  }
}

extension Timeline {
  /// The bin with `number` on the axis.
  package func bin(_ number: Int) -> Bin {
    filled.indices.contains(number - first) ? filled[number - first] : Bin()
  }

  /// How many halts of bin `number` lie in `row` of the map.
  package func count(in number: Int, row: Int) -> UInt32 {
    filled.indices.contains(number - first) ? map[(number - first) * Self.rows + row] : 0
  }

  /// The least length of `row`, in ns; that of row 0 stands for all shorter ones.
  package static func floor(ofRow row: Int) -> UInt64 {
    BlockBands.floor(of: (row + firstRow) * 2)
  }

  /// The windows in force in each of `axis`'s bins, in ns: the narrowest, the mean over time, and the
  /// widest.
  ///
  /// A bin without a decision has the window that the one before left, or that the first decision
  /// found. Nil where there is no decision at all.
  package func windows(on axis: Axis) -> [(least: UInt32, mean: Double, most: UInt32)]? {
    guard var now = filled.lazy.compactMap(\.windows).first?.first else { return nil }
    return (0..<axis.bins).map { number in
      guard let decided = bin(number).windows else { return (now, Double(now), now) }
      now = decided.last
      let mean = decided.mean(from: axis.begin(of: number), to: axis.begin(of: number + 1))
      return (
        decided.least, min(max(mean, Double(decided.least)), Double(decided.most)), decided.most
      )
    }
  }
}
