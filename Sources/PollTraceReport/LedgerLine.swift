package import PollTrace

/// One kind of gap as people read it: how often, what, and the first places where it was met.
package struct LedgerLine {
  package let kind: Ledger.Kind
  package let count: UInt64
  /// Each place, with its count where there are several.
  package let places: [String]

  /// So many places are told; JSON has all that the ledger keeps.
  private static let told = 3

  /// The lines of `ledger`, one a kind, in the order in which kinds were first met.
  package static func all(of ledger: Ledger) -> [LedgerLine] {
    ledger.entries.grouped(by: \.kind).map { entries in
      LedgerLine(
        kind: entries[0].kind, count: ledger.count(of: entries[0].kind),
        places: entries.map {
          let detail = $0.detail.terminal
          return entries.count == 1 || $0.count == 1
            ? detail : "\(Numbers.grouped($0.count)) × \(detail)"
        })
    }
  }

  /// How often and what; with the place where there is one.
  package var sentence: String {
    let place = places.count == 1 && places[0] != "" ? " (\(places[0]))" : ""
    return "\(Numbers.grouped(count)) × \(kind.explanation)\(place)"
  }

  /// The first places, where there are several.
  package var further: [String] {
    guard places.count > 1 else { return [] }
    return places.prefix(Self.told)
      + (places.count > Self.told ? ["and others (JSON names them)"] : [])
  }
}
