internal import PollTrace

/// Who is told the wake-up latency of each replayed halt.
protocol LatencyWatch {
  /// A halt that began in `block` was seen `latency` ns after its event.
  mutating func saw(_ latency: Int64, in block: Int)
}

/// What most replays are for: sums alone.
struct NobodyWatches: LatencyWatch {
  /// ThreadSanitizer takes an empty value's address, which is none.
  private var filling: UInt8 = 0

  init() {}

  @inline(__always)
  mutating func saw(_ latency: Int64, in block: Int) {}
}

/// Histograms of latencies, one a block of time.
struct LatencyHistograms: LatencyWatch {
  private var blocks: [Histogram]

  init(blocks: Int) { self.blocks = Array(repeating: Histogram(), count: blocks) }

  @inline(__always)
  mutating func saw(_ latency: Int64, in block: Int) {
    blocks[block].add(Nanoseconds(UInt64(bitPattern: max(0, latency))))
  }

  /// What was seen, each halt `weight` times.
  func distributions(weight: Double) -> [LatencyDistribution] {
    blocks.map { LatencyDistribution($0, weight: weight) }
  }
}
