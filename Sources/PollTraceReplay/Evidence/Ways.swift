extension GapDensity {
  /// The ways in which one gap may have come about.
  ///
  /// As it is, or with its last hidden event at one of the hiding bins. Room that is used again and
  /// again.
  struct Ways {
    /// The gap's own bin.
    private var own = 0
    /// How many hiding bins, and each one's density of the event and of what is left of the gap.
    private var count = 0
    private var weights = [Double](repeating: 0, count: hidingBins)
    /// The bin of what is left of the gap behind each of them.
    private var places = [Int](repeating: 0, count: hidingBins)
    /// The gap's density over all its ways.
    private(set) var sum = 0.0

    /// Finds the ways of the gap at `place`; `full` is the density by bin.
    mutating func find(_ gaps: Gaps, _ place: Int, _ full: [Double], _ density: GapDensity) {
      let grid = density.grid
      let gap = gaps.gap[place] / grid.bin
      own = grid.index(gap)
      count = Self.end(hidden: gaps.hidden[place] / grid.bin, gap)
      findPlaces(gap, grid)
      sum = Self.weigh(places, count, full, density.renewals, &weights, from: full[own])
    }

    private static func weigh(
      _ places: [Int], _ count: Int, _ full: [Double], _ renewals: [Double],
      _ weights: inout [Double], from own: Double
    ) -> Double {
      var sum = own
      var weights = weights.mutableSpan
      for bin in 0..<count {
        let weight = renewals[bin] * full[places[bin]]
        weights[bin] = weight
        sum += weight
      }
      return sum
    }

    /// Hiding bins whose middle lies inside the hidden time and not behind the gap.
    private static func end(hidden: Double, _ gap: Double) -> Int {
      let middle = min(hidden, gap) - 0.5
      return middle <= 0 ? 0 : min(hidingBins, Int(middle.rounded(.up)))
    }

    /// The bins of what is left: each hiding bin leaves one bin's width less than the one before.
    private mutating func findPlaces(_ gap: Double, _ grid: Grid) {
      guard count > 0 else { return }
      var left = gap - 0.5
      var index = grid.index(left)
      let count = count
      var places = places.mutableSpan
      var bin = 0
      // Logarithmic bins are left one after the other.
      while bin < count, index >= linearBins {
        places[bin] = index
        bin += 1
        left -= 1
        while index >= linearBins, grid.edges[index] > left { index -= 1 }
      }
      let first = max(0, Int(left)) + bin
      while bin < count {
        places[bin] = max(0, first - bin)
        bin += 1
      }
    }

    /// Adds `scale` times each way to the mass of the bins that it takes, and to the hidden events.
    func share(
      _ scale: Double, _ full: [Double], _ mass: inout [Double], _ hidden: inout [Double]
    ) {
      mass[own] += full[own] * scale
      var mass = mass.mutableSpan
      var hidden = hidden.mutableSpan
      let (weights, places) = (weights.span, places.span)
      for bin in 0..<count {
        let weight = weights[bin] * scale
        mass[places[bin]] += weight
        hidden[bin] += weight
      }
    }

    /// The way at `share` of all: the bin of the hidden event, nil for none.
    func bin(at share: Double, _ full: [Double]) -> Int? {
      // The sums as they run: the last one is all of them.
      var run = full[own]
      let draw = share * sum
      guard draw > run else { return nil }
      for bin in 0..<count {
        run += weights[bin]
        if run >= draw { return bin }
      }
      return count - 1
    }
  }
}
