internal import PollTrace
internal import PollTraceReplay

/// Events decoded source by source and followed thread by thread, round by round of time: what files and
/// a live source feed alike.
///
/// While one round's events are followed, the next one's are decoded, each source's and each shard's of
/// threads as a task of its own on whatever thread is free. A source's events are read once, in order,
/// and a vCPU's are followed in order: so the result does not depend on rounds or threads, and two
/// rounds' events are all that is in memory.
struct Rounds {
  private let sources: [DecodedSource]
  private let shards: [Follower]
  private let guests: GuestFollower?
  private var losses: Losses
  /// The last round's events, which are not followed yet.
  private var decoded: [DecodedRound] = []
  private let threads: Int
  /// Whether the recorder said that it took the switches of other tasks.
  private let hasIdleSwitches: Bool

  /// `losses` are those that are known before reading; `guest` is how a guest's own polling is followed.
  init(
    _ sources: [DecodedSource], _ scope: TrackScope, _ losses: Losses, guest: GuestScope? = nil,
    threads: Int
  ) {
    self.sources = sources
    self.losses = losses
    self.threads = threads
    hasIdleSwitches = scope.idleSwitches != nil && scope.keeps.occupancy
    guests = guest.map { GuestFollower(GuestCPUs($0)) }
    shards = (0..<ThreadShard.count).map { Follower(ThreadShard(number: $0, scope: scope)) }
  }

  /// Decodes the events before `end`, none where that is nil, and follows those of the round before.
  mutating func step(until end: Timestamp?) {
    for round in decoded {
      for loss in round.losses { losses.add(loss.loss, on: loss.cpu) }
    }
    let followers = decoded.isEmpty ? 0 : shards.count
    let decoders = end == nil ? 0 : sources.count
    let (sources, shards, losses) = (sources, shards, losses)
    let groups = decoded.map(\.threads)
    if let guests, !decoded.isEmpty { guests.take(decoded.map(\.guests)) }
    decoded = Parallel.map(followers + decoders, threads: threads) { task -> DecodedRound? in
      guard task < followers else { return sources[task - followers].decode(until: end) }
      shards[task].take(groups, losses)
      return nil
    }.compactMap(\.self)
  }

  /// How many halts are logged, or idle times of a guest.
  var logged: Int { shards.reduce(0) { $0 + $1.logged } + (guests?.logged ?? 0) }

  func dropLogs() {
    for shard in shards { shard.dropLogs() }
    guests?.dropLogs()
  }

  /// The halts that were kept since the last time.
  func drain() -> [Pass.Kept] { shards.flatMap { $0.drain() } }

  /// The idle times of a guest that were kept since the last time.
  func drainIdles() -> [KeptIdle] { guests?.drain() ?? [] }

  /// What reading counted.
  var tally: ReadTally { sources.reduce(into: ReadTally()) { $0.merge($1.tally) } }

  /// Events of threads beyond the most that are followed.
  var ignored: UInt64 { sources.reduce(0) { $0.plus($1.ignored) } }

  /// What a trace that ends at `end` shows beside halts.
  func activity(until end: Timestamp) -> HostActivity {
    HostActivity(
      occupancy: occupancy(until: end),
      occupancyFitsUntil: sources.compactMap { $0.occupancyFitsUntil }.min(),
      interrupts: interrupts)
  }

  /// The interrupts that vCPUs accepted; none where any source had too many.
  private var interrupts: [UInt32: [AcceptedInterrupt]] {
    let all = sources.compactMap { $0.interrupts }
    guard all.count == sources.count else { return [:] }
    return all.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
      .mapValues { $0.sorted { ($0.time, $0.cpu) < ($1.time, $1.cpu) } }
  }

  /// Who else had the CPUs of a trace that ends at `end`; nil where that is not shown, or too much.
  private func occupancy(until end: Timestamp) -> [CPU: [Occupancy]]? {
    let all = sources.compactMap { $0.occupancy(until: end) }
    guard hasIdleSwitches || all.contains(where: \.hasIdleSwitches),
      !all.contains(where: \.isTooMuch)
    else { return nil }
    return all.reduce(into: [:]) { $0.merge($1.found, uniquingKeysWith: +) }
  }

  /// The CPUs of a guest that were seen to idle, or to decide; the trace ends at `end`.
  func finishGuest(at end: Timestamp) -> [GuestCPUTrack] { guests?.finish(at: end) ?? [] }

  /// The threads that halted; the trace ends at `end`.
  func finish(at end: Timestamp) -> [VCPUTrack] {
    let (shards, losses) = (shards, losses)
    return Parallel.map(shards.count, threads: threads) { shards[$0].finish(at: end, losses) }
      .flatMap(\.self)
  }
}

extension Rounds {
  /// What came of the threads that have halted, until `end`; they are followed on.
  func harvest(at end: Timestamp) -> [VCPUTrack] { shards.flatMap { $0.harvest(at: end) } }

  /// What came of a guest's CPUs since the last time, until `end`; they are followed on.
  func harvestGuest(at end: Timestamp) -> [GuestCPUTrack] { guests?.harvest(at: end) ?? [] }

  /// From now on a guest's limits obey `settings`.
  func obey(_ settings: GuestSettings) { guests?.obey(settings) }

  /// From now on halts obey what `scope` says.
  func obey(_ scope: TrackScope) {
    for shard in shards { shard.obey(scope.settings, own: scope.ownSettings) }
  }

  /// Forgets what is not needed to follow the threads that `isKept` says: for a source that has no end.
  mutating func keep(where isKept: (VCPUTrack) -> Bool) {
    losses.join(beyond: Self.mostLosses)
    for source in sources { source.forgetThreads(beyond: Self.mostThreads) }
    for shard in shards { shard.keep(where: isKept) }
  }

  /// So many losses of a CPU are told apart, and so many threads that once were are remembered.
  private static let (mostLosses, mostThreads) = (64, 4_096)
}
