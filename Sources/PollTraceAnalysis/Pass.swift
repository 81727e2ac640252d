internal import PollTrace
internal import PollTraceFile
internal import PollTraceReplay
internal import Synchronization

/// One pass over a trace: events are decoded CPU by CPU, and followed thread by thread.
///
/// It goes in rounds of time. While one round's events are followed, the next one's are decoded, each
/// CPU's and each shard's of threads as a task of its own on whatever thread is free. A CPU's events
/// are read once, in order, and a vCPU's are followed in order: so the result does not depend on rounds
/// or threads, and two rounds' events are all that is in memory.
struct Pass {
  let reader: any TraceReader
  let scope: TrackScope
  let threads: Int
  /// About how many pages of 4 KiB a round has.
  var pages = Self.pagesOfRound
  /// More halts than this are not logged: then none are.
  var mostLogged = Int.max

  static let pagesOfRound = 256

  /// What a pass comes to.
  struct Result {
    /// The threads that halted.
    var tracks: [VCPUTrack]
    /// What reading counted.
    var tally: ReadTally
    /// Events of threads beyond the most that are followed.
    var ignored: UInt64
    /// Whether there were more halts than were to be logged.
    var isLogDropped: Bool
    /// Who else had the CPUs; nil where the trace does not show when other tasks leave them, or where
    /// that is more than is kept.
    var occupancy: [CPU: [Occupancy]]?
  }

  /// A halt of `thread`.
  typealias Kept = (thread: ThreadID, halt: WindowedHalt)

  /// Makes the pass; `take` is handed the halts that the scope keeps, round by round.
  func run<Failure: Error>(
    _ take: ([Kept]) throws(Failure) -> Void
  ) throws(Failure) -> Result {
    let sources = (0..<reader.sourceCount).map {
      DecodedSource(reader.source($0), scope, of: reader.sourceCount)
    }
    let shards = (0..<ThreadShard.count).map { Follower(ThreadShard(number: $0, scope: scope)) }
    var losses = reader.losses
    var decoded: [DecodedRound] = []
    var isLogDropped = false
    for end in reader.moments(every: pages) + [Timestamp(.max), nil] {
      for round in decoded {
        for loss in round.losses { losses.add(loss.loss, on: loss.cpu) }
      }
      decoded = step(sources, until: end, shards, decoded, losses)
      if !isLogDropped, shards.reduce(0, { $0 + $1.logged }) > mostLogged {
        isLogDropped = true
        for shard in shards { shard.dropLogs() }
      }
      if scope.keeps.halts { try take(shards.flatMap { $0.drain() }) }
    }
    return result(sources, shards, losses, isLogDropped)
  }

  /// Decodes the events before `end`, none where that is nil, and follows those of the round before.
  private func step(
    _ sources: [DecodedSource], until end: Timestamp?, _ shards: [Follower],
    _ before: [DecodedRound], _ losses: Losses
  ) -> [DecodedRound] {
    let followers = before.isEmpty ? 0 : shards.count
    let decoders = end == nil ? 0 : sources.count
    let threads = before.map(\.threads)
    return Parallel.map(followers + decoders, threads: self.threads) { task -> DecodedRound? in
      guard task < followers else { return sources[task - followers].decode(until: end) }
      shards[task].take(threads, losses)
      return nil
    }.compactMap(\.self)
  }

  private func result(
    _ sources: [DecodedSource], _ shards: [Follower], _ losses: Losses, _ isLogDropped: Bool
  ) -> Result {
    var tally = sources.reduce(into: ReadTally()) { $0.merge($1.tally) }
    tally.lost.merge(reader.statedLosses, uniquingKeysWith: max)
    if !tally.lost.isEmpty { tally.uncountedLosses = 0 }
    for (cpu, counted) in reader.description.countedEvents {
      // What was lost is not among them.
      let read = tally.eventsOfCPU[cpu] ?? 0
      if counted > read { tally.absent[cpu] = counted - read }
    }
    let end = tally.last ?? Timestamp(0)
    let occupancies = sources.compactMap { $0.occupancy(until: end) }
    let showsLeaving =
      occupancies.contains(where: \.hasIdleSwitches) && !occupancies.contains(where: \.isTooMuch)
    let done = Parallel.map(shards.count, threads: threads) { shards[$0].finish(at: end, losses) }
    return Result(
      tracks: done.flatMap(\.self), tally: tally,
      ignored: sources.reduce(0) { $0 + $1.ignored }, isLogDropped: isLogDropped,
      occupancy: showsLeaving
        ? occupancies.reduce(into: [:]) { $0.merge($1.found, uniquingKeysWith: +) } : nil)
  }
}

/// A round's events of one source.
private struct DecodedRound: Sendable {
  var threads: ThreadGroups
  var losses: [(cpu: CPU, loss: Losses.Loss)]
}

/// A CPU's events and where they are decoded to, one task at a time.
private final class DecodedSource: Sendable {
  private struct State {
    var source: any EventSource
    var batch = EventBatch()
    var grouper: ThreadGrouper
    var occupancy: OccupancyTracker?
    var ignored: UInt64 = 0

    mutating func decode(until end: Timestamp) -> DecodedRound {
      batch.removeAll()
      source.read(until: end, into: &batch)
      Self.follow(batch, with: &occupancy)
      let threads = Self.group(batch, with: &grouper)
      ignored += threads.ignored
      return DecodedRound(threads: threads, losses: batch.losses)
    }

    private static func follow(
      _ batch: borrowing EventBatch, with occupancy: inout OccupancyTracker?
    ) {
      occupancy?.add(batch.span)
    }

    private static func group(
      _ batch: borrowing EventBatch, with grouper: inout ThreadGrouper
    ) -> ThreadGroups { grouper.group(batch.span) }
  }
  private let state: Mutex<State>

  /// So many times that other tasks had the CPUs are kept of a trace: 6 MB.
  private static let mostOccupancies = 1 << 18

  /// One of `count` sources.
  init(_ source: sending any EventSource, _ scope: TrackScope, of count: Int) {
    let hasOccupancy = scope.keeps.occupancy
    state = Mutex(
      State(
        source: source, grouper: ThreadGrouper(hasSwitchesIn: hasOccupancy),
        occupancy: hasOccupancy
          ? OccupancyTracker(vcpus: scope.vcpus, most: Self.mostOccupancies / max(1, count)) : nil))
  }

  func decode(until end: Timestamp?) -> DecodedRound? {
    guard let end else { return nil }
    return state.withLock { $0.decode(until: end) }
  }

  /// Who else had its CPUs; the trace ends at `end`.
  func occupancy(until end: Timestamp) -> OccupancyTracker? {
    state.withLock { state in
      state.occupancy?.finish(at: end)
      return state.occupancy
    }
  }

  var tally: ReadTally { state.withLock { $0.source.tally } }
  /// Events of threads beyond the most that are followed.
  var ignored: UInt64 { state.withLock(\.ignored) }
}

/// A shard of threads that is followed by one task at a time.
private final class Follower: Sendable {
  private let shard: Mutex<ThreadShard>

  init(_ shard: ThreadShard) { self.shard = Mutex(shard) }

  func take(_ sources: [ThreadGroups], _ losses: Losses) {
    shard.withLock { $0.take(sources, losses) }
  }
  func dropLogs() { shard.withLock { $0.dropLogs() } }

  /// How many halts are logged.
  var logged: Int {
    shard.withLock { shard in shard.tracks.reduce(0) { $0 + $1.log.entries.count } }
  }

  func drain() -> [Pass.Kept] {
    shard.withLock { shard in
      var kept: [Pass.Kept] = []
      shard.drain { thread, halts in kept += halts.map { (thread, $0) } }
      return kept
    }
  }

  func finish(at end: Timestamp, _ losses: Losses) -> [VCPUTrack] {
    shard.withLock { shard in
      shard.finish(at: end, losses)
      return shard.tracks
    }
  }
}
