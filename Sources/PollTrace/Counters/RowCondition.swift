/// What a row of counters may come to, so that something is done about it: a quantity beyond a limit.
package struct RowCondition: Hashable, Sendable {
  /// The quantities, by the names of their columns.
  package enum Quantity: String, CaseIterable, Hashable, Sendable {
    case halts, polled
    case successful = "poll_ok"
    case wasted
    case failedPolls = "polls_failed"
    case wakeups = "wakes"
    case medianWait = "p50"
    case longWait = "p99"
    case window
    case grows = "grow"
    case shrinks = "shrink"
    case medianBlock = "p50_block"
    case longBlock = "p99_block"
    case medianWake = "p50_wake"
    case longWake = "p99_wake"

    package enum Kind: Hashable, Sendable { case rate, share, time }

    /// A number a second, a share of a CPU or of halts, or a length of time.
    package var kind: Kind {
      switch self {
      case .halts, .failedPolls, .wakeups, .grows, .shrinks: .rate
      case .polled, .successful, .wasted: .share
      default: .time
      }
    }

    /// Whether only a trace tells it.
    package var needsTrace: Bool {
      switch self {
      case .window, .grows, .shrinks, .medianBlock, .longBlock, .medianWake, .longWake: true
      default: false
      }
    }
  }

  package enum Comparison: Character, Hashable, Sendable {
    case above = ">"
    case below = "<"
  }

  package var quantity: Quantity
  package var comparison: Comparison
  /// A second, of 1, or in ns.
  package var limit: Double

  package init(_ quantity: Quantity, _ comparison: Comparison, _ limit: Double) {
    self.quantity = quantity
    self.comparison = comparison
    self.limit = limit
  }

  /// The first of the rows, the most wasteful first, for which it holds; nil where there is none.
  package func first(in frame: CounterFrame) -> CounterRow? {
    let rows = frame.rows
    return CounterOrder.wasted.places(of: rows).lazy.map { rows[$0] }.first(where: holds)
  }

  /// Whether it holds for certain: of a length that is known between two bounds, for all of them.
  package func holds(for row: CounterRow) -> Bool {
    guard let value = value(of: row) else { return false }
    return switch comparison {
    case .above: value.isExact ? value.least > limit : value.least >= limit
    case .below: value.isExact ? value.least < limit : value.most <= limit
    }
  }

  private struct Value {
    var least: Double
    var most: Double
    var isExact: Bool { least == most }

    init(_ value: Double) { (least, most) = (value, value) }
    init(_ bounds: LogHistogram.Bounds) {
      (least, most) = (Double(bounds.from), bounds.to.map { Double($0) } ?? .infinity)
    }
  }

  private func value(of row: CounterRow) -> Value? {
    let traced = row.traced
    return switch quantity {
    case .halts: row.haltRate.map { Value($0) }
    case .polled: row.polledShare.map { Value($0) }
    case .successful: row.successfulShare.map { Value($0) }
    case .wasted: row.wastedShare.map { Value($0) }
    case .failedPolls: row.failedPollRate.map { Value($0) }
    case .wakeups: row.wakeupRate.map { Value($0) }
    case .medianWait: row.wait(0.5).map { Value($0) }
    case .longWait: row.wait(0.99).map { Value($0) }
    case .window: traced?.window.map { Value(Double($0)) }
    case .grows: row.growRate.map { Value($0) }
    case .shrinks: row.shrinkRate.map { Value($0) }
    case .medianBlock: traced?.block.quantile(0.5).map { Value(Double($0)) }
    case .longBlock: traced?.block.quantile(0.99).map { Value(Double($0)) }
    case .medianWake: traced?.wakeLatency.quantile(0.5).map { Value(Double($0)) }
    case .longWake: traced?.wakeLatency.quantile(0.99).map { Value(Double($0)) }
    }
  }
}
