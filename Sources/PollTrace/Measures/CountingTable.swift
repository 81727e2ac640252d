/// Sums by key, for keys that are few and come again and again: windows and moves between them.
///
/// A small open-addressed table inside the value, so that what comes often costs neither a search
/// nor memory of its own; a dictionary takes what finds no room.
struct CountingTable: Sendable {
  private struct Sum {
    var key: UInt64
    var sum: UInt64 = 0
  }
  /// No key: that of a window of 2³² - 1 ns that stays so.
  private static let none = UInt64.max
  private static let steps = 4
  private var cells: [32 of Sum] = InlineArray(repeating: Sum(key: none))
  private var others: [UInt64: UInt64] = [:]

  /// Adds `amount` to the sum of `key`.
  @inline(__always)
  mutating func add(_ amount: UInt64, to key: UInt64) {
    // The top five bits of a product with 2⁶⁴ / φ: keys that differ little lie apart.
    var cell = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> 59)
    for _ in 0..<Self.steps {
      if cells[cell].key == key {
        cells[cell].sum = cells[cell].sum.plus(amount)
        return
      }
      if cells[cell].key == Self.none {
        cells[cell] = Sum(key: key, sum: amount)
        return
      }
      cell = (cell &+ 1) & 31
    }
    others[key] = (others[key] ?? 0).plus(amount)
  }

  /// The keys with their sums, in order of the key.
  var sums: [(key: UInt64, sum: UInt64)] {
    var sums = others.map { (key: $0.key, sum: $0.value) }
    let cells = cells.span
    for index in cells.indices where cells[index].key != Self.none {
      sums.append((cells[index].key, cells[index].sum))
    }
    return sums.sorted { $0.key < $1.key }
  }

  /// Adds the sums of another.
  mutating func merge(_ other: CountingTable) {
    let cells = other.cells.span
    for index in cells.indices where cells[index].key != Self.none {
      add(cells[index].sum, to: cells[index].key)
    }
    for (key, sum) in other.others { add(sum, to: key) }
  }
}
