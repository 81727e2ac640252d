/// What became of halts, by how long they lasted: polled to their end, or asleep, and after what.
package struct HaltFates: Hashable, Sendable {
  /// What a halt tells of its poll, without the halts before it.
  ///
  /// A halt that slept with its window open has a decision, whose old window was the one in force;
  /// one that slept without a decision did not poll.
  package enum Fate: Int, Hashable, Sendable, CaseIterable {
    /// The wake-up came while the vCPU polled.
    case polled
    /// The poll ran out, and the vCPU slept.
    case ranOut
    /// The poll was given up before its window ended: another task wanted the CPU.
    case abandoned
    /// The vCPU slept without a poll: its window was closed, or it was not allowed to.
    case slept

    init(of halt: Halt) {
      let window = halt.decision?.old ?? 0
      switch (halt.ending, halt.poll) {
      case (.polled, _): self = .polled
      case (.slept, _) where window == 0: self = .slept
      case (.slept, .measured(let length)) where length < Nanoseconds(UInt64(window)):
        self = .abandoned
      case (.slept, _): self = .ranOut
      }
    }
  }

  /// By fate and band; empty where nothing was counted.
  private var counts: [UInt64] = []

  package init() {}

  /// Counts a halt.
  mutating func add(_ halt: Halt) {
    if counts.isEmpty {
      counts = Array(repeating: 0, count: Fate.allCases.count * BlockBands.count)
    }
    let band = BlockBands.band(of: halt.block.rawValue)
    counts[Fate(of: halt).rawValue * BlockBands.count + band] &+= 1
  }

  /// Adds the counts of another.
  package mutating func merge(_ other: HaltFates) {
    if counts.isEmpty {
      counts = other.counts
    } else {
      for index in other.counts.indices { counts[index] &+= other.counts[index] }
    }
  }

  /// How many halts of `band` met `fate`.
  package func count(of fate: Fate, in band: Int) -> UInt64 {
    counts.isEmpty ? 0 : counts[fate.rawValue * BlockBands.count + band]
  }

  /// How many met `fate`.
  package func count(of fate: Fate) -> UInt64 {
    (0..<BlockBands.count).reduce(0) { $0 + count(of: fate, in: $1) }
  }

  /// From the first band that holds a halt to the last; nil where there is none.
  package var bands: ClosedRange<Int>? {
    let used = (0..<BlockBands.count).filter { band in
      Fate.allCases.contains { count(of: $0, in: band) > 0 }
    }
    guard let first = used.first, let last = used.last else { return nil }
    return first...last
  }
}
