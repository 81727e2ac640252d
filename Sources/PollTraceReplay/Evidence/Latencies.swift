internal import Glibc
internal import PollTrace

/// How long after its wake event a sleeping vCPU sees it, by how long ago the halt began.
///
/// A CPU that slept longer wakes more slowly: 36 µs after a sleep of 10 to 50 µs, 50 µs after half
/// a millisecond, on the machine of docs/method.md. The time since the halt *began* tells more than
/// the time really slept. Stalls belong to a moment, not to a wake-up: they are kept apart as the
/// arrival's own latency. Row 0 is for threads that had hardly fallen asleep; the other rows are half
/// octaves from 1.024 µs, each 64 quantiles.
struct Latencies {
  /// Fewer wake-ups on an idle CPU make no table.
  private static let leastOnIdle = 20
  /// Rows of the table, row 0 included.
  static let rows = 25
  /// Below this a thread had hardly fallen asleep, in ns.
  static let shallow: Int64 = 8_000

  /// `rows` times 64 quantiles, in ns.
  var table: [Int32]
  /// Whether row 0 has samples of its own.
  var hasShallowRow = false
  /// Measured latencies in the tables.
  private(set) var samples = 0
  /// Halts that stalled: their latency is their own.
  private(set) var stalled: [Bool]
  /// The slowest of 64 wake-ups, and the stalls: what the tables do not hold.
  private(set) var slowest: [Int32] = []
  /// How many wake-ups are among those.
  private(set) var slowestShare = 0.0
  /// The rank of each halt's latency in its row.
  private(set) var ranking: Ranking
  /// ns per factor e of the time since the halt began, its standard error, and where the data lie.
  private var slope = 0.0
  private var slopeError = 0.0
  private var middle = 0.0

  /// The row for a wake event `wait` ns after the halt began and `asleep` ns after the poll.
  static func row(wait: Int64, asleep: Int64, hasShallowRow: Bool) -> Int {
    if hasShallowRow, asleep < shallow { return 0 }
    let units = max(Double(wait), 1) / 1_024
    return 1 + min(max(Int((2 * log2(units)).rounded(.down)), 0), rows - 2)
  }

  /// The middle of a row, as the logarithm of the time since the halt began.
  private static func centre(_ row: Int) -> Double {
    log(1_024) + (Double(row - 1) + 0.5) / 2 * log(2)
  }

  /// `isIdleOnly` leaves out wake-ups on a CPU that another task had, which the replay finds otherwise.
  init(_ halts: Observation, isIdleOnly: Bool = false) {
    let count = halts.count
    table = Array(
      repeating: Int32(Observation.assumedLatency), count: Self.rows * Quantiles.ranks)
    stalled = Array(repeating: false, count: count)
    ranking = Ranking(count: count)
    var used = (0..<count).filter { halts[$0].hasLatency }
    if isIdleOnly {
      let onIdle = used.filter { (halts[$0].enteredFrom ?? .idle) == .idle }
      if onIdle.count >= Self.leastOnIdle { used = onIdle }
    }
    if let bound = Quantiles.outlierBound(used.map { halts[$0].latency }, spread: 10) {
      for index in used where Double(halts[index].latency) > bound { stalled[index] = true }
      used.removeAll { stalled[$0] }
    }
    samples = used.count
    guard !used.isEmpty else { return }
    let asleep = (0..<count).map { index in
      halts[index].wait - (halts[index].left > 0 ? halts[index].polled : 0)
    }
    var deep = used.filter { asleep[$0] >= Self.shallow }
    if deep.count < 20, deep.count * 2 <= used.count { deep = used }
    fitSlope(deep, halts)
    fillRows(deep, used, halts)
    let shallow = used.filter { asleep[$0] < Self.shallow }
    hasShallowRow = shallow.count >= 32
    setRow(0, hasShallowRow ? Quantiles.table(shallow.map { halts[$0].latency }) : row(1))
    let waits = used.map { log(Double(max(halts[$0].wait, 1))) }.sorted()
    middle = waits[waits.count / 2]
    var byRow: [Int: [Int]] = [:]
    for index in used {
      let row = Self.row(
        wait: halts[index].wait, asleep: asleep[index], hasShallowRow: hasShallowRow)
      byRow[row, default: []].append(index)
    }
    for (_, members) in byRow.sorted(by: { $0.key < $1.key }) {
      ranking.add(members) { halts[$0].latency }
    }
    keepSlowest(of: used, halts)
  }

  private mutating func keepSlowest(of used: [Int], _ halts: Observation) {
    guard used.count >= Quantiles.ranks else { return }
    let sorted = used.map { halts[$0].latency }.sorted()
    let stalls = stalled.indices.filter { stalled[$0] }.map { halts[$0].latency }
    slowest = (sorted.suffix(used.count / Quantiles.ranks) + stalls)
      .map { Int32(clamping: $0) }
    slowestShare = Double(slowest.count) / Double(used.count + stalls.count)
  }

  private func row(_ row: Int) -> [Int32] {
    Array(table[row * Quantiles.ranks..<(row + 1) * Quantiles.ranks])
  }

  private mutating func setRow(_ row: Int, _ values: [Int32]) {
    table.replaceSubrange(row * Quantiles.ranks..<(row + 1) * Quantiles.ranks, with: values)
  }

  /// Least squares of latency on the logarithm of the wait, trimmed three times, shrunk towards 0
  /// by the square of its error over itself (an empirical Bayes estimate).
  private mutating func fitSlope(_ deep: [Int], _ halts: Observation) {
    guard deep.count >= 20 else { return }
    var points = deep.map {
      (x: log(Double(max(halts[$0].wait, 1))), y: Double(halts[$0].latency))
    }
    guard Line(points).spread > 0.05 else { return }
    for _ in 0..<3 {
      let line = Line(points)
      let residuals = deep.map { index -> (x: Double, y: Double, off: Double) in
        let x = log(Double(max(halts[index].wait, 1)))
        let y = Double(halts[index].latency)
        return (x, y, abs(y - line.at(x)))
      }
      let sorted = residuals.map(\.off).sorted()
      let bound = 3 * 1.4826 * sorted[sorted.count / 2] + 1
      points = residuals.filter { $0.off <= bound }.map { ($0.x, $0.y) }
    }
    let line = Line(points)
    guard line.spread > 0, line.slope != 0 else { return }
    slopeError = line.error
    let doubt = slopeError / line.slope
    slope = line.slope * max(0, 1 - doubt * doubt)
  }

  /// Fills each row from its own samples, or from the nearest ones moved along the slope.
  private mutating func fillRows(_ deep: [Int], _ used: [Int], _ halts: Observation) {
    let floor = Quantiles.of(used.map { halts[$0].latency }.sorted(), 0.02) * 0.5
    let wanted = min(max(deep.count / 4, min(deep.count, 64)), 1_024)
    let samples = deep.map {
      (x: log(Double(max(halts[$0].wait, 1))), latency: Double(halts[$0].latency))
    }.sorted { $0.x < $1.x }
    for row in 1..<Self.rows {
      let centre = Self.centre(row)
      let own = samples.filter { abs($0.x - centre) <= log(2) / 4 }
      let chosen: [Double]
      if own.count >= wanted {
        chosen = own.map(\.latency)
      } else {
        chosen = Self.nearest(samples, to: centre, wanted).map {
          $0.latency + slope * (centre - $0.x)
        }
      }
      setRow(row, Quantiles.table(chosen.map { Int64(saturating: max($0, floor)) }))
    }
  }

  /// The `count` samples nearest to `centre`, of samples sorted by x.
  private static func nearest(
    _ samples: [(x: Double, latency: Double)], to centre: Double, _ count: Int
  ) -> ArraySlice<(x: Double, latency: Double)> {
    var low = samples.firstIndex { $0.x >= centre } ?? samples.count
    var high = low
    while high - low < min(count, samples.count) {
      let takesLow =
        high == samples.count
        || (low > 0 && centre - samples[low - 1].x <= samples[high].x - centre)
      if takesLow { low -= 1 } else { high += 1 }
    }
    return samples[low..<high]
  }

  /// The table as it might be as well, `direction` standard errors slower (or faster, below 0).
  func shifted(_ direction: Double) -> Latencies {
    var other = self
    let ranks = Quantiles.ranks
    guard samples >= 20 else {
      let factor = direction > 0 ? 2.5 : 0.3
      other.table = table.map {
        Int32(clamping: Int64(saturating: max(Double($0) * factor, 2_000)))
      }
      return other
    }
    let effective =
      samples > 100 ? Double(min(samples, 4_000)) / Double(Self.rows) * 4 : Double(samples)
    var first = 0.0
    for row in 1..<Self.rows {
      let quantile = { (rank: Int) in Double(table[row * ranks + rank]) }
      let spread = (quantile(48) - quantile(16)) / 1.35
      let move =
        direction * max(quantile(32) * 0.03, 1.25 * spread / effective.squareRoot())
        + direction * abs(Self.centre(row) - middle) * slopeError
      if row == 1 {
        first = direction * max(quantile(32) * 0.03, 1.25 * spread / effective.squareRoot())
      }
      for rank in 0..<ranks { other.move(row * ranks + rank, by: move) }
    }
    for rank in 0..<ranks { other.move(rank, by: first) }
    return other
  }

  private mutating func move(_ index: Int, by amount: Double) {
    let value = Double(table[index])
    table[index] = Int32(clamping: Int64(saturating: max(value + amount, value * 0.4)))
  }
}

/// A straight line through points by least squares.
private struct Line {
  private(set) var slope = 0.0
  /// The standard error of the slope.
  private(set) var error = 0.0
  /// The standard deviation of x.
  private(set) var spread = 0.0
  private var meanX = 0.0
  private var meanY = 0.0

  init(_ points: [(x: Double, y: Double)]) {
    let count = Double(points.count)
    guard count > 1 else { return }
    meanX = points.reduce(0) { $0 + $1.x } / count
    meanY = points.reduce(0) { $0 + $1.y } / count
    let squares = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    let products = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
    spread = (squares / count).squareRoot()
    guard squares > 0 else { return }
    slope = products / squares
    let rest = points.reduce(0) { sum, point in
      let off = point.y - at(point.x)
      return sum + off * off
    }
    error = (rest / count).squareRoot() / count.squareRoot() / spread
  }

  func at(_ x: Double) -> Double { meanY + slope * (x - meanX) }
}
