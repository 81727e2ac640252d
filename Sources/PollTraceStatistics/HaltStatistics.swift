import PollTrace

/// Where a vCPU's statistics show its halts, and how to read them from there.
struct HaltStatistics: Hashable, Sendable {
  private var counts: [(count: HaltCounters.Count, offset: Int, factor: UInt64)] = []
  private var spreads: [(spread: HaltCounters.Spread, offset: Int)] = []
  /// The part of the file that holds all of them.
  private(set) var range = 0..<0

  /// Finds what is counted of halts in `layout`, by name, and takes what has the kind and the unit
  /// that the name stands for.
  init(_ layout: StatisticsLayout) {
    for count in HaltCounters.Count.allCases {
      guard let statistic = layout.statistic(count.name), statistic.kind == .cumulative,
        statistic.size == 1, let factor = statistic.factor(isTime: count.isTime)
      else { continue }
      counts.append((count, statistic.offset, factor))
      include(statistic)
    }
    for spread in HaltCounters.Spread.allCases {
      guard let statistic = layout.statistic(spread.name), statistic.kind == .logHistogram,
        statistic.size == 32, statistic.factor(isTime: true) == 1
      else { continue }
      spreads.append((spread, statistic.offset))
      include(statistic)
    }
  }

  /// Whether polls can be told from it at all.
  var isUseful: Bool {
    let found = Set(counts.map(\.count))
    return found.isSuperset(of: [
      .attemptedPolls, .successfulPolls, .successfulPollTime, .failedPollTime,
    ])
  }

  private mutating func include(_ statistic: StatisticsLayout.Statistic) {
    let end = statistic.offset + 8 * statistic.size
    range =
      range.isEmpty
      ? statistic.offset..<end
      : min(range.lowerBound, statistic.offset)..<max(range.upperBound, end)
  }

  /// The counters in `words`, which lie at `range` of the file and are values each; nil where the file ended
  /// before.
  func counters(_ words: [UInt64]) -> HaltCounters? {
    guard words.count >= range.count / 8 else { return nil }
    var counters = HaltCounters()
    for (count, offset, factor) in counts {
      counters[count] = words[(offset - range.lowerBound) / 8].times(factor)
    }
    for (spread, offset) in spreads {
      let first = (offset - range.lowerBound) / 8
      counters.take(words.span.extracting(first..<first + 32), as: spread)
    }
    return counters
  }

  static func == (left: Self, right: Self) -> Bool {
    left.range == right.range && left.counts.elementsEqual(right.counts, by: ==)
      && left.spreads.elementsEqual(right.spreads, by: ==)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(range) }
}

extension StatisticsLayout.Statistic {
  /// What a value is multiplied by to count ns (`isTime`) or things; nil where it is of another kind,
  /// or finer than that.
  fileprivate func factor(isTime: Bool) -> UInt64? {
    guard unit == (isTime ? .seconds : .none) else { return nil }
    let powers = Int(exponent) + (isTime ? 9 : 0)
    guard powers == 0 || base == .ten, (0...18).contains(powers) else { return nil }
    // 2⁰ seconds are seconds: 10⁹ ns.
    if base == .two { return exponent == 0 && !isTime ? 1 : nil }
    return (0..<powers).reduce(1) { factor, _ in factor * 10 }
  }
}
