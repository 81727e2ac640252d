/// In which of 64 equal parts of its class each halt's value lies; chance decides between equal values.
///
/// Values are put in order once, and ranks drawn as often as wanted.
struct Ranking {
  /// By halt; nil for one that is in no class.
  private var ranks: [UInt8?]
  /// Equal values that chance puts into one part or another.
  private struct Run {
    /// The halts, and the random number that each one draws.
    var members: [(halt: Int, draw: Int)]
    /// The first one's place among how many of its class.
    var place: Int
    var count: Int
  }
  private var runs: [Run] = []
  /// How many random numbers a draw takes.
  private var draws = 0

  /// No class yet of `count` halts.
  init(count: Int) { ranks = Array(repeating: nil, count: count) }

  /// Adds a class: `halts`, and the value of each.
  mutating func add(_ halts: [Int], _ value: (Int) -> Int64) {
    let sorted = halts.indices.map { (value: value(halts[$0]), number: $0) }
      .sorted { $0.value < $1.value }
    var begin = 0
    while begin < sorted.count {
      var end = begin + 1
      while end < sorted.count, sorted[end].value == sorted[begin].value { end += 1 }
      add(sorted[begin..<end].map(\.number), of: halts, at: begin)
      begin = end
    }
    draws += halts.count
  }

  /// Adds the halts at `numbers` of a class, whose values are equal.
  private mutating func add(_ numbers: [Int], of halts: [Int], at place: Int) {
    let rank = Self.rank(place, of: halts.count)
    if rank == Self.rank(place + numbers.count - 1, of: halts.count) {
      for number in numbers { ranks[halts[number]] = rank }
    } else {
      let members = numbers.map { (halt: halts[$0], draw: draws + $0) }
      runs.append(Run(members: members, place: place, count: halts.count))
    }
  }

  private static func rank(_ place: Int, of count: Int) -> UInt8 {
    UInt8(min(Quantiles.ranks - 1, place * Quantiles.ranks / count))
  }

  /// The ranks of all halts, equal values in random order.
  func drawn(_ random: inout SplitMix64) -> [UInt8?] {
    var ranks = ranks
    for run in runs {
      let order = run.members.map { (halt: $0.halt, tie: random.next(after: $0.draw)) }
        .sorted { $0.tie < $1.tie }
      for (offset, member) in order.enumerated() {
        ranks[member.halt] = Self.rank(run.place + offset, of: run.count)
      }
    }
    random.skip(draws)
    return ranks
  }
}
