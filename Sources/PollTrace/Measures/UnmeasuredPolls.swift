/// Failed polls of which no switch tells how long they lasted: at most the window and the block.
///
/// Where others of the same vCPU were measured, these are taken to have lasted the same share of
/// what they could have; else the whole of it.
struct UnmeasuredPolls: Hashable, Sendable {
  private(set) var count: UInt64 = 0
  /// The most they can have lasted.
  private var bound = Nanoseconds.zero
  private var bounds = LogHistogram()
  /// How long their halts lasted.
  private var block = Nanoseconds.zero
  /// Their waits, if they polled all they could, and if hardly at all.
  private var waitsAfterAll = LogHistogram()
  private var waitsAfterNone = LogHistogram()

  /// Counts the failed poll of a halt that began with `window`.
  mutating func add(block: Nanoseconds, window: Nanoseconds) {
    let most = min(window, block)
    count += 1
    bound += most
    self.block += block
    bounds.add(most)
    waitsAfterAll.add(block - most)
    waitsAfterNone.add(block)
  }

  mutating func merge(_ other: Self) {
    count.add(other.count)
    bound += other.bound
    bounds.merge(other.bounds)
    block += other.block
    waitsAfterAll.merge(other.waitsAfterAll)
    waitsAfterNone.merge(other.waitsAfterNone)
  }

  /// Adds them to `counters`; of the measured ones, `measured` in number, `share` of what they could
  /// have lasted is what they lasted.
  func put(into counters: inout KernelCounters, measured: UInt64, share: Double) {
    guard count > 0 else { return }
    let isKnown = measured >= Self.enough
    let poll = isKnown ? bound.scaled(by: share) : bound
    if isKnown {
      counters.failedPollHistogram.spread(count)
    } else {
      counters.failedPollHistogram.merge(bounds)
    }
    counters.failedPollTime += poll
    counters.waitTime += block - poll
    counters.waitHistogram.merge(isKnown && share < 0.5 ? waitsAfterNone : waitsAfterAll)
  }

  /// How many measured polls it takes to speak for the others.
  private static let enough: UInt64 = 20
}
