import Synchronization

/// The VM's own ceilings, each for a block of time, in an order of each round's own.
final class CeilingBlocks: Sendable {
  /// From `since` on, CLOCK_MONOTONIC, the VM had `ceiling`.
  struct Block {
    var since: UInt64
    var ceiling: Nanoseconds
    /// When the windows had followed it, after a fifth of the block, and at its end; nil where the load was over.
    var settled: Look?
    var end: Look?
  }
  /// How long all vCPUs had polled by then, CLOCK_MONOTONIC, as KVM counts it; nil without its statistics.
  struct Look {
    var time: UInt64
    var polled: Nanoseconds?
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

  private static func look(at machine: Machine) throws(Failure) -> Look {
    var polled: UInt64? = 0
    for vcpu in machine.vcpus {
      let statistics = try vcpu.statistics.map { file throws(Failure) in try Statistics(of: file) }
      polled = statistics?.pollTime.flatMap { time in polled.map { $0 + time } }
    }
    return Look(time: Clock.now, polled: polled.map { Nanoseconds(count: $0) })
  }

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
        let end = try Self.look(at: machine)
        try machine.limit(to: ceiling)
        past.withLock {
          if let last = $0.indices.last { $0[last].end = end }
          $0.append(Block(since: Clock.now, ceiling: ceiling))
        }
        guard stop.sleep(until: moment + length.count / 5) else { return }
        let settled = try Self.look(at: machine)
        past.withLock { $0[$0.count - 1].settled = settled }
        moment += length.count
      }
    }
  }
}
