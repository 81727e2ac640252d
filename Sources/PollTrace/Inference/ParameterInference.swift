/// Rules and parameters as the recorded moves show them, for traces that do not say.
///
/// Every set of rules is tried with the parameters that fit it best; the one under which the most
/// moves come out as recorded is taken, and of equals the one nearest to `preferred`: a kernel takes
/// over changes one by one, in their order.
package struct ParameterInference: Hashable, Sendable {
  package var rules: PollRules
  /// grow, grow start and shrink where moves show them, else as given; the ceiling as given.
  package var parameters: PollParameters
  /// Which of the parameters the moves show.
  package private(set) var showsGrow = false
  package private(set) var showsGrowStart = false
  package private(set) var showsShrink = false
  /// Moves that come out as recorded, and all of them.
  package var explained: UInt64
  package var moves: UInt64

  /// What `evidence` shows; `start` says what holds where it shows nothing, and in any case where
  /// the parameters are known.
  package init(
    _ evidence: RuleEvidence, preferred: PollRules, start: PollParameters, isKnown: Bool = false
  ) {
    var best: Self?
    for rules in Self.outward(from: preferred) {
      let candidate = Self(evidence, rules: rules, start: start, isKnown: isKnown)
      if best.map({ candidate.explained > $0.explained }) ?? true { best = candidate }
    }
    self = best ?? Self(evidence, rules: preferred, start: start, isKnown: isKnown)
  }

  /// All rules, the nearest first; of two as near, the newer.
  private static func outward(from preferred: PollRules) -> [PollRules] {
    let home = PollRules.all.firstIndex(of: preferred) ?? PollRules.all.endIndex
    return PollRules.all.enumerated()
      .sorted { (abs($0.offset - home), -$0.offset) < (abs($1.offset - home), -$1.offset) }
      .map(\.element)
  }

  /// The parameters that explain the most moves under `rules`.
  private init(
    _ evidence: RuleEvidence, rules: PollRules, start: PollParameters, isKnown: Bool
  ) {
    self.rules = rules
    parameters = start
    // Grow cuts at the ceiling, so the widest window that a decision left is the best guess at it.
    if rules.growIsCut, evidence.widest > 0 { parameters.ceiling = evidence.widest }
    let moves = evidence.moves
    self.moves = moves.reduce(0) { $0 + $1.count }
    if isKnown {
      explained = Self.explained(moves, parameters, rules)
      parameters.ceiling = start.ceiling
      return
    }
    parameters.growStart = Self.growStart(moves) ?? start.growStart
    let grows = moves.filter { $0.move.move == .grow && $0.move.old > 0 }
    let shrinks = moves.filter { $0.move.move == .shrink && $0.move.old > 0 }
    (showsGrow, showsShrink) = (!grows.isEmpty, !shrinks.isEmpty)
    showsGrowStart = moves.contains { $0.move.move == .grow && $0.move.old == 0 }
    parameters.grow = Self.best(
      among: [start.grow] + grows.map { $0.move.new / $0.move.old } + [0, 1],
      for: grows, parameters, rules
    ) { $0.grow = $1 }
    parameters.shrink = Self.best(
      among: [start.shrink] + shrinks.filter { $0.move.new > 0 }.map { $0.move.old / $0.move.new }
        + [0, 1],
      for: shrinks, parameters, rules
    ) { $0.shrink = $1 }
    explained = Self.explained(moves, parameters, rules)
    parameters.ceiling = start.ceiling
  }

  /// What a closed window opened to most often.
  private static func growStart(
    _ moves: [(move: RuleEvidence.Move, count: UInt64)]
  ) -> UInt32? {
    moves.filter { $0.move.move == .grow && $0.move.old == 0 }
      .max { $0.count < $1.count }?.move.new
  }

  /// The value that explains the most of `moves`; of equals the first.
  private static func best(
    among values: [UInt32], for moves: [(move: RuleEvidence.Move, count: UInt64)],
    _ parameters: PollParameters, _ rules: PollRules,
    put: (inout PollParameters, UInt32) -> Void
  ) -> UInt32 {
    var best: (value: UInt32, explained: UInt64)?
    var tried: Set<UInt32> = []
    for value in values where tried.insert(value).inserted {
      var parameters = parameters
      put(&parameters, value)
      let explained = explained(moves, parameters, rules)
      if best.map({ explained > $0.explained }) ?? true { best = (value, explained) }
    }
    return best?.value ?? values[0]
  }

  /// How many of `moves` the arithmetic of `rules` gives.
  private static func explained(
    _ moves: [(move: RuleEvidence.Move, count: UInt64)], _ parameters: PollParameters,
    _ rules: PollRules
  ) -> UInt64 {
    moves.reduce(0) { sum, entry in
      var window = PollWindow(length: entry.move.old)
      switch entry.move.move {
      case .grow: window.grow(parameters, rules)
      case .shrink: window.shrink(parameters, rules)
      }
      return window.length == entry.move.new ? sum + entry.count : sum
    }
  }
}
