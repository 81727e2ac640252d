/// What became of one vCPU's halts, by how long they lasted; parts of a trace join.
///
/// A halt that slept tells whether it polled by its decision's old window. Without a decision the
/// window was either closed or longer than the halt, so that its poll was given up: the last decision
/// tells which, or the next one.
package struct HaltFates: Hashable, Sendable {
  package enum Fate: Int, Hashable, Sendable, CaseIterable {
    /// The wake-up came while the vCPU polled.
    case polled
    /// The poll ran out, and the vCPU slept.
    case ranOut
    /// The poll was given up before its window ended: another task wanted the CPU.
    case abandoned
    /// The vCPU slept without a poll: its window was closed, or it was not allowed to.
    case slept
  }

  /// By fate and band; empty where nothing was counted.
  private var counts: [UInt64] = []
  /// Halts that slept before any decision, by band.
  private var undecided: [UInt64] = []
  /// The window that the first decision found, and the one that the last left.
  private var found: UInt32?
  private var left: UInt32?

  package init() {}

  /// Counts the vCPU's next halt, whose length is of `band`, of a VM with `ceiling`.
  @inline(__always)
  mutating func add(_ halt: Halt, in band: Int, ceiling: UInt32) {
    switch (halt.ending, halt.decision) {
    case (.polled, _): add(1, .polled, band)
    case (.slept, let decision?) where decision.old == 0: add(1, .slept, band)
    case (.slept, let decision?):
      if case .measured(let length) = halt.poll, length < Nanoseconds(UInt64(decision.old)) {
        add(1, .abandoned, band)
      } else {
        add(1, .ranOut, band)
      }
    case (.slept, nil):
      if let left {
        add(1, min(left, ceiling) == 0 ? .slept : .abandoned, band)
      } else {
        if undecided.isEmpty { undecided = Array(repeating: 0, count: BlockBands.count) }
        undecided[band] &+= 1
      }
    }
    guard let decision = halt.decision else { return }
    if found == nil { found = decision.old }
    if !undecided.isEmpty { settle(window: decision.old) }
    left = decision.new
  }

  private mutating func add(_ count: UInt64, _ fate: Fate, _ band: Int) {
    if counts.isEmpty {
      counts = Array(repeating: 0, count: Fate.allCases.count * BlockBands.count)
    }
    counts[fate.rawValue * BlockBands.count + band] &+= count
  }

  /// Counts the undecided halts, whose window turned out to be `window` ns.
  private mutating func settle(window: UInt32) {
    for (band, count) in undecided.enumerated() where count > 0 {
      add(count, window == 0 ? .slept : .abandoned, band)
    }
    undecided = []
  }

  /// Goes on with a later part of the same vCPU.
  mutating func append(_ later: HaltFates) {
    var later = later
    if let left {
      later.settle(window: left)
    } else if let found = later.found {
      settle(window: found)
    }
    merge(later)
    found = found ?? later.found
    left = later.left ?? left
  }

  /// Adds the counts of another vCPU.
  package mutating func merge(_ other: HaltFates) {
    Self.add(other.counts, to: &counts)
    Self.add(other.undecided, to: &undecided)
  }

  private static func add(_ counts: [UInt64], to sums: inout [UInt64]) {
    if sums.isEmpty {
      sums = counts
    } else {
      for index in counts.indices { sums[index] &+= counts[index] }
    }
  }

  /// The same at the end of a trace without any decision, in which the window was `window` ns.
  package func settled(window: UInt32) -> HaltFates {
    var fates = self
    fates.settle(window: window)
    return fates
  }

  /// How many halts of `band` met `fate`.
  package func count(of fate: Fate, in band: Int) -> UInt64 {
    counts.isEmpty ? 0 : counts[fate.rawValue * BlockBands.count + band]
  }

  /// How many halts of `band` there are.
  package func count(in band: Int) -> UInt64 {
    Fate.allCases.reduce(0) { $0 + count(of: $1, in: band) }
  }

  /// How many met `fate`.
  package func count(of fate: Fate) -> UInt64 {
    (0..<BlockBands.count).reduce(0) { $0 + count(of: fate, in: $1) }
  }

  /// From the first band that holds a halt to the last; nil where there is none.
  package var bands: ClosedRange<Int>? {
    let used = (0..<BlockBands.count).filter { count(in: $0) > 0 }
    guard let first = used.first, let last = used.last else { return nil }
    return first...last
  }
}
