/// What one VM's decisions say about its ceiling and about the parameters: bounds and moves.
package struct RuleEvidence: Sendable {
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
  /// How many there were.
  package private(set) var cuts: UInt64 = 0
  /// The widest window that a halt began with: the ceiling is at least as wide, from 6.1 on.
  package private(set) var widestKept: UInt32 = 0
  /// The widest window that a decision left behind.
  package private(set) var widest: UInt32 = 0
  /// Decisions that the ceiling in force does not allow.
  package private(set) var against: UInt64 = 0
  /// How often each window grew and shrank to each other: the old one 32 bits above the new one.
  private var grown = CountingTable()
  private var shrunk = CountingTable()
  private static let movesKept = 256

  package init() {}

  /// Takes the decision of a halt in, if it has one.
  @inline(__always)
  mutating func add(_ windowed: borrowing WindowedHalt) {
    guard let decision = windowed.halt.decision else { return }
    add(
      decision, after: windowed.halt.block, isValid: windowed.halt.isValid,
      previous: windowed.previous, windowed.effective)
  }

  /// Takes a decision in, made after a halt of `block`, nil where nothing is known of the halt.
  mutating func add(
    _ decision: Decision, after block: Nanoseconds?, isValid: Bool = true, previous: UInt32?,
    _ effective: EffectiveParameters
  ) {
    let ceiling = effective.parameters.ceiling
    if !effective.rules.growIsCut {
      addEntry(left: previous, found: decision.old)
      // No window in force is wider than the ceiling: one such decision is enough.
      if decision.old > ceiling { against &+= 2 }
    }
    switch decision.move {
    case .grow:
      widestGrown = max(widestGrown ?? 0, decision.old)
      grown.add(1, to: Self.key(decision))
      if let block = block?.rawValue {
        longestGrown = max(longestGrown ?? 0, block)
        if block >= UInt64(ceiling) || decision.old >= ceiling { against &+= 1 }
      }
    case .shrink:
      if let block = block?.rawValue, isValid, decision.old != 0 {
        shortestShrunk = min(shortestShrunk ?? .max, block)
        if block <= UInt64(ceiling) { against &+= 1 }
      }
      shrunk.add(1, to: Self.key(decision))
    }
    widest = max(widest, decision.new)
  }

  /// A halt began with a window of `found` ns, after a decision that had left `left` ns.
  @inline(__always)
  private mutating func addEntry(left: UInt32?, found: UInt32) {
    widestKept = max(widestKept, found)
    guard let left, found < left else { return }
    leastCut = min(leastCut ?? .max, found)
    mostCut = max(mostCut ?? 0, found)
    cuts &+= 1
  }

  private static func key(_ decision: Decision) -> UInt64 {
    UInt64(decision.old) << 32 | UInt64(decision.new)
  }

  /// The most frequent of the distinct moves and how often each was made.
  package var moves: [(move: Move, count: UInt64)] {
    let all = [(Decision.Move.grow, grown), (.shrink, shrunk)].flatMap { move, table in
      table.sums.map { key, count in
        let (old, new) = (UInt32(truncatingIfNeeded: key >> 32), UInt32(truncatingIfNeeded: key))
        return (move: Move(move: move, old: old, new: new), count: count)
      }
    }
    return Array(all.sorted { $0.count > $1.count }.prefix(Self.movesKept))
  }

  /// Adds the evidence of another vCPU.
  package mutating func merge(_ other: RuleEvidence) {
    longestGrown = [longestGrown, other.longestGrown].compactMap(\.self).max()
    widestGrown = [widestGrown, other.widestGrown].compactMap(\.self).max()
    shortestShrunk = [shortestShrunk, other.shortestShrunk].compactMap(\.self).min()
    leastCut = [leastCut, other.leastCut].compactMap(\.self).min()
    mostCut = [mostCut, other.mostCut].compactMap(\.self).max()
    cuts.add(other.cuts)
    against.add(other.against)
    widest = max(widest, other.widest)
    widestKept = max(widestKept, other.widestKept)
    grown.merge(other.grown)
    shrunk.merge(other.shrunk)
  }
}
