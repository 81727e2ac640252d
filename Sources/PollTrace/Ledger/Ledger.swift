/// What a trace could not tell: each kind of gap with its count and what to do about it.
///
/// Bad data is data. Whoever meets some counts it here and goes on; nothing is dropped in silence,
/// and every report shows the whole ledger.
package struct Ledger: Hashable, Sendable {
  /// One line of the ledger.
  package struct Entry: Hashable, Sendable {
    /// What kind of gap.
    package var kind: Kind
    /// How often.
    package var count: UInt64
    /// Where, and what was expected and found; empty where the kind says it all.
    package var detail: Untrusted
  }

  /// The lines, in the order in which each was first met.
  package private(set) var entries: [Entry] = []

  package init() {}

  /// Counts `count` of `kind` at `detail`.
  package mutating func note(_ kind: Kind, _ count: UInt64 = 1, _ detail: Untrusted = "") {
    guard count > 0 else { return }
    if let line = entries.firstIndex(where: { $0.kind == kind && $0.detail == detail }) {
      entries[line].count = entries[line].count.plus(count)
    } else if detail == Self.further || lines(of: kind) < Self.linesOfKind {
      entries.append(Entry(kind: kind, count: count, detail: detail))
    } else {
      note(kind, count, Self.further)
    }
  }

  /// How many details of one kind are kept apart; what comes after them is counted together.
  private static let linesOfKind = 64
  private static let further: Untrusted = "in further places"

  private func lines(of kind: Kind) -> Int { entries.count { $0.kind == kind } }

  /// Adds the lines of another ledger.
  package mutating func merge(_ other: Ledger) {
    for entry in other.entries { note(entry.kind, entry.count, entry.detail) }
  }

  /// How often `kind` was met, in whatever detail.
  package func count(of kind: Kind) -> UInt64 {
    entries.reduce(0) { $1.kind == kind ? $0.plus($1.count) : $0 }
  }

  /// Whether something is missing from the data: exit code 2.
  package var isIncomplete: Bool { entries.contains { $0.kind.severity == .incomplete } }
}
