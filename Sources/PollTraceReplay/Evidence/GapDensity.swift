internal import Glibc
internal import PollTrace

/// How far apart wake events lie, estimated although many of them were hidden.
///
/// Between a wake event and the vCPU's next halt further ones leave no trace. Events are taken for a
/// renewal process with an unknown density of gaps; the density is fitted by expectation maximisation
/// over the hidden events (Dempster, Laird and Rubin, 1977), on 256 equal bins and 48 logarithmic
/// ones behind them. A bin is a 64th of the time in which events usually hide.
struct GapDensity {
  /// Bins of time after an event in which others may hide.
  static let hidingBins = 64
  static let linearBins = 256
  private static let logBins = 48

  /// What a fit is given: gaps between seen events, and how much of each was hidden, in ns.
  struct Gaps {
    private let observation: Observation
    /// The halt whose event begins each gap.
    private let halts: [Int32]

    init(_ observation: Observation) {
      self.observation = observation
      halts = observation.followed.map { Int32($0) }
    }

    var indices: Range<Int> { halts.indices }

    /// The halt whose event begins the gap at `place`.
    func halt(_ place: Int) -> Int { Int(halts[place]) }

    /// How long the gap at `place` is.
    func length(of place: Int) -> Double {
      Double(max(0, next(place).arrival - observation[halt(place)].arrival))
    }

    /// How much of it was hidden.
    func hidden(in place: Int) -> Double {
      let unseen = Double(next(place).began - observation[halt(place)].arrival)
      return min(max(unseen, 0), length(of: place))
    }

    private func next(_ place: Int) -> Observation.Halt { observation[halt(place) + 1] }
  }

  /// The grid: bin width in ns, edges and widths in bins.
  struct Grid {
    let bin: Double
    let edges: [Double]
    let widths: [Double]

    init(_ gaps: Gaps) {
      let hidden = gaps.indices.map { Int64(saturating: gaps.hidden(in: $0)) }.sorted()
      bin = max(Quantiles.of(hidden, 0.99) / Double(GapDensity.hidingBins), 1)
      let linear = GapDensity.linearBins
      let longest = gaps.indices.reduce(0) { max($0, gaps.length(of: $1)) }
      let end = max(longest / bin * 1.01, Double(linear * 2))
      let ratio = log(end / Double(linear)) / Double(GapDensity.logBins)
      edges =
        (0...linear).map(Double.init)
        + (1...GapDensity.logBins).map { Double(linear) * exp(ratio * Double($0)) }
      widths = zip(edges, edges.dropFirst()).map { $1 - $0 }
    }

    /// The bin of `x` (in bins), never outside.
    func index(_ x: Double) -> Int {
      if x < Double(GapDensity.linearBins) { return max(0, Int(x)) }
      let behind = (GapDensity.linearBins + 1..<widths.count)
        .firstInOrder(where: { !(edges[$0] <= x) })
      return behind - 1
    }
  }

  let grid: Grid
  /// Probability of each bin.
  private(set) var mass: [Double]
  /// Expected events at each hiding bin after an event, and the gap's density there.
  private(set) var renewals: [Double]
  private(set) var density: [Double]

  /// Fits the density to the gaps at `places`.
  ///
  /// `dense` starts from events that are twice as frequent where they can hide.
  init(
    _ gaps: Gaps, grid: Grid, places: [Int]? = nil, iterations: Int = 25, dense: Bool = false
  ) {
    self.grid = grid
    mass = Self.start(gaps, grid, dense: dense)
    renewals = Array(repeating: 0, count: Self.hidingBins)
    density = renewals
    var used = places ?? Array(gaps.indices)
    if used.count > 20_000 {
      let step = used.count / 20_000 + 1
      used = stride(from: 0, to: used.count, by: step).map { used[$0] }
    }
    guard !used.isEmpty else { return }
    var likelihoods = HiddenEventLikelihoods(gaps, used, grid)
    for _ in 0..<iterations { improve(&likelihoods) }
  }

  /// Events at their visible rate everywhere, and none more.
  private static func start(_ gaps: Gaps, _ grid: Grid, dense: Bool) -> [Double] {
    let visible = gaps.indices.reduce(0) {
      $0 + max(gaps.length(of: $1) - gaps.hidden(in: $1), 0)
    }
    let rate = Double(gaps.indices.count) / max(visible, 1) * grid.bin
    var mass: [Double]
    if dense {
      let hidden = gaps.indices.map { Int64(saturating: gaps.hidden(in: $0)) }.sorted()
      let half = Quantiles.of(hidden, 0.5) / grid.bin
      var survival = 1.0
      mass = zip(grid.edges, grid.widths).map { edge, width in
        let hazard = edge < half ? max(2 / half, rate) : rate
        let next = survival * exp(-hazard * width)
        defer { survival = next }
        return survival - next + 1e-12
      }
    } else {
      mass = zip(grid.edges, grid.edges.dropFirst()).map { exp(-rate * $0) - exp(-rate * $1) }
    }
    let sum = mass.reduce(0, +)
    return sum > 0
      ? mass.map { $0 / sum } : mass.map { _ in 1 / Double(grid.widths.count) }
  }

  /// One round: where events hid, given the density; the density, given where they hid.
  private mutating func improve(_ likelihoods: inout HiddenEventLikelihoods) {
    let full = perBin
    renew(full)
    likelihoods.weigh(full, renewals)
    var (next, hidden) = likelihoods.shared()
    for bin in stride(from: Self.hidingBins - 1, through: 0, by: -1) where hidden[bin] > 0 {
      guard renewals[bin] > 0 else {
        next[bin] += hidden[bin]
        continue
      }
      let scale = hidden[bin] / renewals[bin]
      next[bin] += density[bin] * scale
      for before in 0..<bin {
        let part = scale * renewals[before] * density[bin - 1 - before]
        hidden[before] += part
        next[bin - 1 - before] += part
      }
    }
    mass = Self.smooth(next, grid)
  }

  private var perBin: [Double] { zip(mass, grid.widths).map { $0 / $1 } }

  /// The renewal density: u(k) = f(k) + Σ u(j) f(k-1-j).
  private mutating func renew(_ full: [Double]) {
    density = Array(full.prefix(Self.hidingBins))
    for bin in 0..<Self.hidingBins {
      var sum = density[bin]
      for before in 0..<bin { sum += renewals[before] * density[bin - 1 - before] }
      renewals[bin] = sum
    }
  }

  private static func smooth(_ mass: [Double], _ grid: Grid) -> [Double] {
    let total = mass.reduce(0, +)
    guard total > 0 else { return mass }
    let dense = zip(mass, grid.widths).map { $0 / total / $1 }
    var smooth = dense
    for bin in 1..<linearBins - 1 {
      smooth[bin] = 0.25 * dense[bin - 1] + 0.5 * dense[bin] + 0.25 * dense[bin + 1]
    }
    smooth[0] = 0.75 * dense[0] + 0.25 * dense[1]
    let result = zip(smooth, grid.widths).map { $0 * $1 }
    let sum = result.reduce(0, +)
    return result.map { $0 / sum }
  }

  /// The density of each gap at `places`, hidden events allowed for.
  func likelihoods(_ gaps: Gaps, _ places: [Int]) -> [Double] {
    var likelihoods = HiddenEventLikelihoods(gaps, places, grid)
    likelihoods.weigh(perBin, renewals)
    return (0..<likelihoods.count).map(likelihoods.sum)
  }

  /// Hidden events drawn from what the fit says of each gap: when, and in which halt's gap.
  ///
  /// `likelihoods` are those of all `gaps` on the fit's grid.
  func hiddenEvents(
    _ gaps: Gaps, _ likelihoods: HiddenEventLikelihoods, _ observation: Observation,
    _ random: inout SplitMix64
  ) -> [(time: Int64, halt: Int)] {
    let before = chainTables()
    var found: [(time: Int64, halt: Int)] = []
    var likelihoods = likelihoods
    likelihoods.weigh(perBin, renewals)
    for place in gaps.indices {
      guard var bin = likelihoods.bin(at: random.uniform(), of: place) else { continue }
      while bin >= 0 {
        let offset = Int64(saturating: (Double(bin) + random.uniform()) * grid.bin)
        found.append((observation[gaps.halt(place)].arrival + offset, gaps.halt(place)))
        let draw = random.uniform()
        bin = before[bin].prefix { $0 < draw }.count - 1
      }
    }
    return found
  }

  /// For an event hidden at bin k: the cumulated chances that none, or one at j < k, came before.
  private func chainTables() -> [[Double]] {
    (0..<Self.hidingBins).map { bin in
      let weights =
        [density[bin]] + (0..<bin).map { renewals[$0] * density[bin - 1 - $0] }
      let sum = weights.reduce(0, +)
      var run = 0.0
      return weights.map { weight in
        run += weight
        return sum > 0 ? run / sum : 1
      }
    }
  }

  /// The smoothed density of `values` (in ns) on a grid, per bin.
  static func histogram(_ values: [Double], _ grid: Grid) -> [Double] {
    var counts = [Double](repeating: 0, count: grid.widths.count)
    for value in values {
      let x = value / grid.bin
      if x >= 0, x <= grid.edges[grid.edges.count - 1] { counts[grid.index(x)] += 1 }
    }
    let mass = smooth(counts, grid)
    return zip(mass, grid.widths).map { $0 / $1 }
  }
}
