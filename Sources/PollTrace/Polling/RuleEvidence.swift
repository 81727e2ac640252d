/// What one VM's decisions say about its ceiling and about the parameters: bounds and moves.
package struct RuleEvidence: Hashable, Sendable {
  /// A move of a window, whatever the vCPU.
  package struct Move: Hashable, Sendable {
    package var move: Decision.Move
    package var old: UInt32
    package var new: UInt32
  }

  /// The longest block after which a window grew: the ceiling is longer.
  package private(set) var longestGrown: UInt64?
  /// The widest window that grew: the ceiling is wider.
  package private(set) var widestGrown: UInt32?
  /// The shortest block after which an open window shrank: the ceiling is shorter.
  package private(set) var shortestShrunk: UInt64?
  /// The values that windows were cut to without a trace: the ceiling itself, from 6.1 on.
  package private(set) var leastCut: UInt32?
  package private(set) var mostCut: UInt32?
  /// The widest window that a halt began with: the ceiling is at least as wide, from 6.1 on.
  package private(set) var widestKept: UInt32 = 0
  /// The widest window that a decision left behind.
  package private(set) var widest: UInt32 = 0
  /// Each distinct move and how often it was made, up to `movesKept` of them.
  package private(set) var moves: [(move: Move, count: UInt64)] = []
  private static let movesKept = 256

  package init() {}

  /// Takes a decision in, made after a valid wake-up or not.
  package mutating func add(_ decision: Decision, after block: Nanoseconds, isValid: Bool) {
    switch decision.move {
    case .grow:
      longestGrown = max(longestGrown ?? 0, block.rawValue)
      widestGrown = max(widestGrown ?? 0, decision.old)
    case .shrink:
      if isValid, decision.old != 0 {
        shortestShrunk = min(shortestShrunk ?? .max, block.rawValue)
      }
    }
    widest = max(widest, decision.new)
    count(Move(move: decision.move, old: decision.old, new: decision.new), 1)
  }

  /// A halt began with a window of `found` ns, after a decision that had left `left` ns.
  package mutating func addEntry(left: UInt32, found: UInt32) {
    widestKept = max(widestKept, found)
    guard found < left else { return }
    leastCut = min(leastCut ?? .max, found)
    mostCut = max(mostCut ?? 0, found)
  }

  private mutating func count(_ move: Move, _ times: UInt64) {
    for index in moves.indices where moves[index].move == move {
      moves[index].count += times
      // The moves of a ladder are few and come again and again: keep the frequent ones in front.
      if index > 0, moves[index - 1].count < moves[index].count { moves.swapAt(index - 1, index) }
      return
    }
    if moves.count < Self.movesKept { moves.append((move, times)) }
  }

  /// Adds the evidence of another vCPU of the same VM, or of another part of the trace.
  package mutating func merge(_ other: RuleEvidence) {
    longestGrown = [longestGrown, other.longestGrown].compactMap(\.self).max()
    widestGrown = [widestGrown, other.widestGrown].compactMap(\.self).max()
    shortestShrunk = [shortestShrunk, other.shortestShrunk].compactMap(\.self).min()
    leastCut = [leastCut, other.leastCut].compactMap(\.self).min()
    mostCut = [mostCut, other.mostCut].compactMap(\.self).max()
    widest = max(widest, other.widest)
    widestKept = max(widestKept, other.widestKept)
    for (move, times) in other.moves { count(move, times) }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.longestGrown == right.longestGrown && left.widestGrown == right.widestGrown
      && left.shortestShrunk == right.shortestShrunk && left.leastCut == right.leastCut
      && left.mostCut == right.mostCut && left.widest == right.widest
      && left.widestKept == right.widestKept
      && Dictionary(uniqueKeysWithValues: left.moves.map { ($0.move, $0.count) })
        == Dictionary(uniqueKeysWithValues: right.moves.map { ($0.move, $0.count) })
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(longestGrown)
    hasher.combine(shortestShrunk)
    hasher.combine(widest)
  }
}
