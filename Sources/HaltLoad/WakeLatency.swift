/// How late the guest's first instruction was after each wake, in ns.
struct WakeLatency: Hashable, Sendable {
  private var sorted: [UInt32]

  init(_ latencies: [UInt32]) { sorted = latencies.sorted() }

  var count: Int { sorted.count }

  /// The latency that `share` of the wakes did not exceed; nil of none.
  func quantile(_ share: Double) -> UInt32? {
    guard !sorted.isEmpty else { return nil }
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }
}
