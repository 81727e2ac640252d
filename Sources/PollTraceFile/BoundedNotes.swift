internal import PollTrace

/// Damage, or what cannot be read, that may be met any number of times: the first ones are named, the rest
/// is counted.
struct BoundedNotes {
  /// How many are named.
  private static let named = 8
  private let kind: Ledger.Kind
  private(set) var ledger = Ledger()
  /// How often it was met.
  private(set) var met = 0

  init(_ kind: Ledger.Kind = .damaged) { self.kind = kind }

  /// Notes it; `words` are asked for only if it is to be named.
  mutating func note(_ words: @autoclosure () -> Untrusted) {
    met += 1
    ledger.note(kind, 1, met <= Self.named ? words() : "and further places")
  }
}
