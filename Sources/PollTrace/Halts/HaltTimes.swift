/// How many halts ended when, in bins of equal time, which double whenever the trace outgrows them.
///
/// Bins begin at multiples of their length, a power of two: sums do not depend on the order of their parts.
package struct HaltTimes: Hashable, Sendable {
  /// The length of a bin is 2^`shift` ns.
  private var shift: UInt64 = 10
  /// The number of the first bin, counted from the clock's zero.
  private var first: UInt64 = 0
  private var counts: [UInt32] = []

  /// More bins than this are joined: 16 KiB.
  private static let most: UInt64 = 4_096

  package init() {}

  /// A halt ended at `time`.
  mutating func add(_ time: Timestamp) { add(1, at: time.rawValue) }

  /// The halts of both.
  package static func + (left: Self, right: Self) -> Self {
    var (sum, other) = left.shift >= right.shift ? (left, right) : (right, left)
    while other.shift < sum.shift { other.coarsen() }
    for (place, count) in other.counts.enumerated() where count > 0 {
      sum.add(count, at: other.begin(of: place))
    }
    return sum
  }

  private mutating func add(_ count: UInt32, at time: UInt64) {
    if counts.isEmpty { first = time >> shift }
    while max(time >> shift, last) - min(time >> shift, first) >= Self.most { coarsen() }
    let bin = time >> shift
    if bin < first {
      counts.insert(contentsOf: repeatElement(0, count: Int(first - bin)), at: 0)
      first = bin
    } else if bin > last || counts.isEmpty {
      counts += repeatElement(0, count: Int(bin - last) + (counts.isEmpty ? 1 : 0))
    }
    let place = Int(bin - first)
    counts[place].add(count)
  }

  /// The number of the last bin; of the first one where there is none.
  private var last: UInt64 { first + UInt64(max(1, counts.count) - 1) }

  private func begin(of place: Int) -> UInt64 {
    let bin = first + UInt64(place)
    return bin > UInt64.max >> shift ? .max : bin << shift
  }

  /// Joins two bins into one each.
  private mutating func coarsen() {
    let joined = first >> 1
    var half = Array(
      repeating: 0 as UInt32, count: counts.isEmpty ? 0 : Int(last >> 1 - joined) + 1)
    for (place, count) in counts.enumerated() {
      let bin = Int((first + UInt64(place)) >> 1 - joined)
      half[bin].add(count)
    }
    (first, counts, shift) = (joined, half, shift + 1)
  }

  /// How many halts.
  package var count: UInt64 { counts.reduce(0) { $0.plus(UInt64($1)) } }

  /// When the halt with each of the rising `numbers` ended, as if those of a bin were spread evenly over it.
  func times(ofHalts numbers: [Double]) -> [Timestamp] {
    var (place, before) = (0, 0.0)
    return numbers.map { number in
      while place < counts.count, before + Double(counts[place]) <= number {
        before += Double(counts[place])
        place += 1
      }
      let within = place < counts.count ? (number - before) / Double(counts[place]) : 0
      return Timestamp(begin(of: place).plus(UInt64(within * Double((1 as UInt64) << shift))))
    }
  }
}
