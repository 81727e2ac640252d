internal import Glibc

/// Whether wake events come from outside, or from what the guest itself set going before it went idle.
///
/// A timer, a packet or another task comes when it comes: seen earlier, the next halt is longer. An
/// answer to the guest's own request comes a certain time after the guest asked, which it does as the last
/// thing before it halts: seen earlier, all that follows is earlier. Gaps between events, and times from
/// a halt's begin to its event, differ by how long the guest took to wake and was busy: which of the two
/// has the higher likelihood in one half of the recording, fitted on the other.
package struct WakeSource: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// Times stay; halts lengthen, merge or vanish.
    case external
    /// The time since the halt's begin stays.
    case ownRequests = "own_requests"
  }
  /// Which; external where nothing decides.
  package var kind: Kind
  /// Whether the recording decides.
  package var isDecided: Bool
  /// Log-likelihood a gap in favour of external, in nats, and its standard error.
  package var evidence: Double
  package var error: Double

  /// Fewer gaps decide nothing.
  private static let least = 200
  private static let most = 20_000
  /// Less than this is no difference worth the name, in nats a gap.
  private static let threshold = 0.02

  init(_ halts: Observation, _ gaps: GapDensity.Gaps, _ stalled: [Bool]) {
    (kind, isDecided, evidence, error) = (.external, false, 0, .infinity)
    let places = gaps.indices.filter { !stalled[gaps.halt($0)] }.prefix(Self.most)
    guard places.count >= Self.least else { return }
    let grid = GapDensity.Grid(gaps)
    var differences = [Double](repeating: 0, count: places.count)
    func wait(_ place: Int) -> Double {
      let next = halts[gaps.halt(place) + 1]
      return Double(next.arrival - next.began)
    }
    let isEven = places.indices.map { ($0 / 25).isMultiple(of: 2) }
    for tested in [true, false] {
      let train = places.indices.filter { isEven[$0] != tested }.map { places[$0] }
      let rest = places.indices.filter { isEven[$0] == tested }
      let test = rest.map { places[$0] }
      let external = GapDensity(gaps, grid: grid, places: train, iterations: 12)
        .likelihoods(gaps, test)
      let own = GapDensity.histogram(train.map(wait), grid)
      for (position, likelihood) in zip(rest, external) {
        let mine = own[grid.index(max(0, wait(places[position]) / grid.bin))]
        differences[position] = min(5, max(-5, log(likelihood + 1e-6) - log(mine + 1e-6)))
      }
    }
    let blocks = max(8, differences.count / 50)
    let means = (0..<blocks).map { block in
      let range =
        block * differences.count / blocks..<(block + 1) * differences.count / blocks
      return differences[range].reduce(0, +) / Double(max(1, range.count))
    }
    let mean = means.reduce(0, +) / Double(blocks)
    let variance = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(blocks - 1)
    evidence = mean
    error = (variance / Double(blocks)).squareRoot()
    isDecided = abs(mean) > 3 * error && abs(mean) > Self.threshold
    kind = isDecided && mean < 0 ? .ownRequests : .external
  }
}
