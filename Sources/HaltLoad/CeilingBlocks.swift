import Synchronization

/// The VM's own ceilings, each for a block of time, in an order of each round's own.
final class CeilingBlocks: Sendable {
  /// From `since` on, CLOCK_MONOTONIC, the VM had `ceiling`.
  struct Block {
    var since: UInt64
    var ceiling: Nanoseconds
  }
  private let ceilings: [Nanoseconds]
  private let length: Nanoseconds
  private let seed: UInt64
  private let past = Mutex<[Block]>([])

  /// One ceiling makes no blocks.
  init(_ ceilings: [Nanoseconds], length: Nanoseconds, seed: UInt64) {
    self.ceilings = ceilings.count > 1 ? ceilings : []
    (self.length, self.seed) = (length, seed)
  }

  var isEmpty: Bool { ceilings.isEmpty }

  /// Those that began, in order.
  var blocks: [Block] { past.withLock(\.self) }

  /// Sets them until the load is over.
  ///
  /// - Throws: `Failure` where KVM refuses one.
  func run(on machine: Machine, from start: UInt64, until stop: Stop) throws(Failure) {
    // Behind the vCPUs' streams.
    var random = Random(seed: seed, stream: 64)
    var moment = start
    while true {
      var round = ceilings
      for last in round.indices.dropFirst().reversed() {
        round.swapAt(last, Int(random.uniform() * Double(last + 1)))
      }
      for ceiling in round {
        guard stop.sleep(until: moment) else { return }
        try machine.limit(to: ceiling)
        past.withLock { $0.append(Block(since: Clock.now, ceiling: ceiling)) }
        moment += length.count
      }
    }
  }
}
