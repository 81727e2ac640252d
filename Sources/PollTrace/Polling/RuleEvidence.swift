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
  /// How many there were.
  package private(set) var cuts: UInt64 = 0
  /// The widest window that a halt began with: the ceiling is at least as wide, from 6.1 on.
  package private(set) var widestKept: UInt32 = 0
  /// The widest window that a decision left behind.
  package private(set) var widest: UInt32 = 0
  /// How often each window grew and shrank to each other: the old one 32 bits above the new one.
  private var grown = Ladder()
  private var shrunk = Ladder()
  private static let movesKept = 256

  package init() {}

  /// Takes the decisions of some halts in.
  mutating func add(_ halts: Span<Halt>) {
    for index in halts.indices {
      if let decision = halts[index].decision {
        add(decision, after: halts[index].block, isValid: halts[index].isValid)
      }
    }
  }

  /// Takes a grow from `old` to `new` ns in, after a halt of `block` ns.
  @inline(__always)
  mutating func addGrow(from old: UInt32, to new: UInt32, after block: UInt64) {
    longestGrown = max(longestGrown ?? 0, block)
    widestGrown = max(widestGrown ?? 0, old)
    grown.add(1, to: UInt64(old) << 32 | UInt64(new))
    widest = max(widest, new)
  }

  /// Takes the shrink of an open window from `old` to `new` ns in, after a halt of `block` ns that
  /// ended with a valid wake-up.
  @inline(__always)
  mutating func addShrink(from old: UInt32, to new: UInt32, after block: UInt64) {
    shortestShrunk = min(shortestShrunk ?? .max, block)
    shrunk.add(1, to: UInt64(old) << 32 | UInt64(new))
    widest = max(widest, new)
  }

  /// Takes a decision in, made after a valid wake-up or not.
  mutating func add(_ decision: Decision, after block: Nanoseconds, isValid: Bool) {
    switch decision.move {
    case .grow:
      longestGrown = max(longestGrown ?? 0, block.rawValue)
      widestGrown = max(widestGrown ?? 0, decision.old)
      grown.add(1, to: Self.key(decision))
    case .shrink:
      if isValid, decision.old != 0 {
        shortestShrunk = min(shortestShrunk ?? .max, block.rawValue)
      }
      shrunk.add(1, to: Self.key(decision))
    }
    widest = max(widest, decision.new)
  }

  /// A halt began with a window of `found` ns, after a decision that had left `left` ns.
  @inline(__always)
  package mutating func addEntry(left: UInt32, found: UInt32) {
    widestKept = max(widestKept, found)
    guard found < left else { return }
    leastCut = min(leastCut ?? .max, found)
    mostCut = max(mostCut ?? 0, found)
    cuts &+= 1
  }

  private static func key(_ decision: Decision) -> UInt64 {
    UInt64(decision.old) << 32 | UInt64(decision.new)
  }

  /// The most frequent of the distinct moves and how often each was made.
  package var moves: [(move: Move, count: UInt64)] {
    let all = [(Decision.Move.grow, grown), (.shrink, shrunk)].flatMap { move, ladder in
      ladder.sums.map { key, count in
        let (old, new) = (UInt32(truncatingIfNeeded: key >> 32), UInt32(truncatingIfNeeded: key))
        return (move: Move(move: move, old: old, new: new), count: count)
      }
    }
    return Array(all.sorted { $0.count > $1.count }.prefix(Self.movesKept))
  }

  /// Adds the evidence of another vCPU of the same VM, or of another part of the trace.
  package mutating func merge(_ other: RuleEvidence) {
    longestGrown = [longestGrown, other.longestGrown].compactMap(\.self).max()
    widestGrown = [widestGrown, other.widestGrown].compactMap(\.self).max()
    shortestShrunk = [shortestShrunk, other.shortestShrunk].compactMap(\.self).min()
    leastCut = [leastCut, other.leastCut].compactMap(\.self).min()
    mostCut = [mostCut, other.mostCut].compactMap(\.self).max()
    cuts += other.cuts
    widest = max(widest, other.widest)
    widestKept = max(widestKept, other.widestKept)
    grown.merge(other.grown)
    shrunk.merge(other.shrunk)
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.longestGrown == right.longestGrown && left.widestGrown == right.widestGrown
      && left.shortestShrunk == right.shortestShrunk && left.leastCut == right.leastCut
      && left.mostCut == right.mostCut && left.widest == right.widest
      && left.widestKept == right.widestKept
      && left.moves.elementsEqual(right.moves, by: ==)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(longestGrown)
    hasher.combine(shortestShrunk)
    hasher.combine(widest)
  }
}
