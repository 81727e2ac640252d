/// KVM's own kind of histogram: 32 buckets by powers of two.
///
/// Bucket 0 holds 0 ns, bucket n holds 2ⁿ⁻¹..<2ⁿ ns, the last one everything from 2³⁰ ns on
/// (`KVM_STATS_TYPE_LOG_HIST`, linux include/linux/kvm_host.h, HALT_POLL_HIST_COUNT).
package struct LogHistogram: Hashable, Sendable {
  /// 32 counts.
  package private(set) var counts: [UInt64] = Array(repeating: 0, count: 32)

  package init() {}

  /// Counts `times` lengths of `length`.
  package mutating func add(_ length: Nanoseconds, times: UInt64 = 1) {
    counts[min(31, 64 - length.rawValue.leadingZeroBitCount)] &+= times
  }

  /// Adds the counts of another histogram.
  package mutating func merge(_ other: LogHistogram) {
    for index in counts.indices { counts[index] &+= other.counts[index] }
  }
}
