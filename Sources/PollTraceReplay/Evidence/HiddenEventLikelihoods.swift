extension GapDensity {
  /// For some gaps, the likelihood that each hides no event, or its last one in each of the hiding bins:
  /// the expectation step of the fit.
  ///
  /// What is left of a gap behind hiding bin k lies k bins before its end: among the equal bins at a
  /// place that falls by one from bin to bin, among the logarithmic ones at one that stays for many.
  /// Sums over a gap's places are differences of running sums, and gaps that end in the same bin share
  /// theirs: a round of the fit takes as long as the bins are many, and a little for each gap.
  struct HiddenEventLikelihoods {
    /// Where one gap may hide its last event.
    private struct Gap {
      /// Its own bin.
      var own: UInt16
      /// Hiding bins behind which the place falls by one: that of bin k is `line` - k.
      var line: UInt16
      var falling: Bins
      /// Those before them, by place: `runs` of them from there.
      var runs: UInt8
      var firstRun: Int32

      var allRuns: Range<Int> { Int(firstRun)..<Int(firstRun) + Int(runs) }
    }
    /// Hiding bins behind which the place is the same.
    private struct Run {
      var place: UInt16
      var bins: Bins
    }
    /// Some hiding bins that follow each other.
    private struct Bins {
      private var from: UInt8
      private var to: UInt8

      init(_ bins: Range<Int>) {
        (from, to) = (UInt8(bins.lowerBound), UInt8(bins.upperBound))
      }
      var all: Range<Int> { Int(from)..<Int(to) }
    }
    private var gaps: [Gap] = []
    private var runs: [Run] = []
    /// By hiding bin and line, the density of the line's places before that bin; of the renewals alone.
    private var reached: [[Double]] = []
    private var renewed = [Double](repeating: 0, count: hidingBins + 1)
    private var full: [Double] = []
    private var renewals: [Double] = []

    /// Lines begin at all places that fall among the equal bins.
    private static var lines: Int { linearBins + hidingBins }

    /// The likelihoods of the gaps at `places`.
    init(_ all: Gaps, _ places: [Int], _ grid: Grid) {
      gaps.reserveCapacity(places.count)
      for place in places {
        let length = all.length(of: place) / grid.bin
        let begin = runs.count
        let count = Self.end(hidden: all.hidden(in: place) / grid.bin, length)
        let (falling, first) = addRuns(length - 0.5, count, grid)
        gaps.append(
          Gap(
            own: UInt16(grid.index(length)), line: falling.isEmpty ? 0 : UInt16(first),
            falling: Bins(falling), runs: UInt8(runs.count - begin), firstRun: Int32(begin)))
      }
    }

    /// Hiding bins whose middle lies inside the hidden time and not behind the gap.
    private static func end(hidden: Double, _ gap: Double) -> Int {
      let middle = min(hidden, gap) - 0.5
      return middle <= 0 ? 0 : min(hidingBins, Int(middle.rounded(.up)))
    }

    /// Adds the runs of `count` hiding bins that leave `left` bins and less; gives the bins behind
    /// them, and the place of bin 0 on their line.
    private mutating func addRuns(
      _ left: Double, _ count: Int, _ grid: Grid
    ) -> (falling: Range<Int>, first: Int) {
      var (left, bin) = (left, 0)
      var index = count > 0 ? grid.index(left) : 0
      while bin < count, index >= linearBins {
        let begin = bin
        let place = index
        repeat {
          bin += 1
          left -= 1
        } while bin < count && grid.edges[place] <= left
        runs.append(Run(place: UInt16(place), bins: Bins(begin..<bin)))
        while index >= linearBins, grid.edges[index] > left { index -= 1 }
      }
      let first = max(0, Int(left)) + bin
      return (bin..<max(bin, min(count, first + 1)), first)
    }

    /// Weighs all places: `full` is the density by bin, `renewals` the expected events by hiding bin.
    mutating func weigh(_ full: [Double], _ renewals: [Double]) {
      (self.full, self.renewals) = (full, renewals)
      for bin in renewals.indices { renewed[bin + 1] = renewed[bin] + renewals[bin] }
      var row = [Double](repeating: 0, count: Self.lines)
      reached = [row]
      for bin in renewals.indices {
        Self.add(full, times: renewals[bin], to: &row, from: bin)
        reached.append(row)
      }
    }

    /// Adds `full`'s equal bins, each `factor` times, to those of `row` from `first` on.
    private static func add(
      _ full: [Double], times factor: Double, to row: inout [Double], from first: Int
    ) {
      let full = full.span.extracting(0..<linearBins)
      var row = row.mutableSpan
      for place in full.indices { row[first &+ place] += factor * full[place] }
    }

    /// How many gaps.
    var count: Int { gaps.count }

    /// The density of gap `index` over all its places.
    func sum(_ index: Int) -> Double {
      let gap = gaps[index]
      var sum = full[Int(gap.own)] + fallen(gap)
      for run in runs[gap.allRuns] { sum += full[Int(run.place)] * renewed(run.bins.all) }
      return sum
    }

    private func renewed(_ bins: Range<Int>) -> Double {
      renewed[bins.upperBound] - renewed[bins.lowerBound]
    }

    private func fallen(_ gap: Gap) -> Double {
      let bins = gap.falling.all
      guard !bins.isEmpty else { return 0 }
      return reached[bins.upperBound][Int(gap.line)] - reached[bins.lowerBound][Int(gap.line)]
    }

    /// One round: the mass of each bin, and the hidden events of each hiding bin, as all gaps share
    /// them among their places.
    func shared() -> (mass: [Double], hidden: [Double]) {
      var mass = [Double](repeating: 0, count: full.count)
      // What lies on each hiding bin, and on each line there, from some bin on and until some bin.
      var onLines = [Double](repeating: 0, count: (hidingBins + 1) * Self.lines)
      var onBins = [Double](repeating: 0, count: hidingBins + 1)
      for (index, gap) in gaps.enumerated() {
        let scale = 1 / (sum(index) + 1e-300)
        mass[Int(gap.own)] += full[Int(gap.own)] * scale
        for run in runs[gap.allRuns] {
          let (place, bins) = (Int(run.place), run.bins.all)
          mass[place] += full[place] * scale * renewed(bins)
          onBins[bins.lowerBound] += full[place] * scale
          onBins[bins.upperBound] -= full[place] * scale
        }
        let bins = gap.falling.all
        if !bins.isEmpty {
          onLines[bins.lowerBound * Self.lines + Int(gap.line)] += scale
          onLines[bins.upperBound * Self.lines + Int(gap.line)] -= scale
        }
      }
      var hidden = [Double](repeating: 0, count: hidingBins)
      addRuns(onBins, &hidden)
      addLines(onLines, &mass, &hidden)
      return (mass, hidden)
    }

    private func addRuns(_ onBins: [Double], _ hidden: inout [Double]) {
      var on = 0.0
      for bin in hidden.indices {
        on += onBins[bin]
        hidden[bin] += max(0, on) * renewals[bin]
      }
    }

    private func addLines(
      _ onLines: [Double], _ mass: inout [Double], _ hidden: inout [Double]
    ) {
      let (onLines, full) = (onLines.span, full.span)
      var on = [Double](repeating: 0, count: Self.lines)
      var lines = on.mutableSpan
      var mass = mass.mutableSpan
      for bin in hidden.indices {
        let here = onLines.extracting(bin * Self.lines..<(bin + 1) * Self.lines)
        for line in 0..<Self.lines { lines[line] += here[line] }
        var sum = 0.0
        for place in 0..<linearBins {
          let weight = max(0, lines[bin &+ place]) * renewals[bin] * full[place]
          mass[place] += weight
          sum += weight
        }
        hidden[bin] += sum
      }
    }

    /// The place of gap `index` at `share` of its likelihood: the bin of the hidden event, nil for none.
    func bin(at share: Double, of index: Int) -> Int? {
      let gap = gaps[index]
      // The sums as they run: the last one is all of them.
      var run = full[Int(gap.own)]
      let draw = share * sum(index)
      guard draw > run else { return nil }
      var last: Int?
      for same in runs[gap.allRuns] {
        for bin in same.bins.all {
          run += renewals[bin] * full[Int(same.place)]
          if run >= draw { return bin }
          last = bin
        }
      }
      for bin in gap.falling.all {
        run += renewals[bin] * full[Int(gap.line) - bin]
        if run >= draw { return bin }
        last = bin
      }
      return last
    }
  }
}
