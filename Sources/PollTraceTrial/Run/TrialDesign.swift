package import PollTrace
internal import PollTraceReplay

/// Which setting is in force when: rounds of blocks, one block a setting, in random order within each round.
///
/// A switchback experiment (Bojinov, Simchi-Levi and Zhao, "Design and analysis of switchback experiments",
/// Management Science 69, 2023). Load that drifts slowly meets all settings of a round alike, and a fair coin
/// decides which comes first. Setting 0 is the current one.
package struct TrialDesign: Hashable, Sendable {
  /// How many settings, the current one included: 2 to 4.
  package let settings: Int
  /// The order in which each round tries them.
  package let rounds: [[Int]]
  /// How long a block lasts.
  package let block: Nanoseconds
  /// The first moment of it, which is left out: what the setting before has left behind.
  package let settling: Nanoseconds
  package let seed: UInt64

  /// Fewer rounds prove nothing.
  package static let fewestRounds = 8

  /// As many whole rounds as fit into `length`.
  package init(
    settings: Int, length: Nanoseconds, block: Nanoseconds, settling: Nanoseconds, seed: UInt64
  ) {
    self.init(
      settings: settings, count: Self.rounds(settings, length, block), block: block,
      settling: settling, seed: seed)
  }

  /// `count` rounds.
  package init(
    settings: Int, count: Int, block: Nanoseconds, settling: Nanoseconds, seed: UInt64
  ) {
    (self.settings, self.block, self.settling, self.seed) = (settings, block, settling, seed)
    var random = SplitMix64(seed: seed)
    rounds = (0..<count).map { _ in (0..<settings).shuffled(using: &random) }
  }

  /// How many rounds of `settings` blocks fit into `length`.
  package static func rounds(
    _ settings: Int, _ length: Nanoseconds, _ block: Nanoseconds
  ) -> Int {
    let round = block.times(UInt64(settings))
    return round > 0 ? Int(clamping: length.rawValue / round.rawValue) : 0
  }

  /// How long a round lasts.
  package var round: Nanoseconds { block.times(UInt64(settings)) }
  /// How long all of it lasts.
  package var length: Nanoseconds { round.times(UInt64(rounds.count)) }
}
