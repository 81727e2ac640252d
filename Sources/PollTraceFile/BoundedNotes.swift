internal import PollTrace

/// Damage that may be met any number of times: the first ones are named, the rest is counted.
struct BoundedNotes {
  /// How many are named.
  private static let named = 8
  private(set) var ledger = Ledger()
  private var met = 0

  /// Notes damage; `words` are asked for only if it is to be named.
  mutating func note(_ words: @autoclosure () -> String) {
    met += 1
    ledger.note(.damaged, 1, met <= Self.named ? words() : "and further places")
  }
}
