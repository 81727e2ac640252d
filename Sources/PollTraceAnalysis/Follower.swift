internal import PollTrace
internal import Synchronization

/// A shard of threads that is followed by one task at a time.
final class Follower: Sendable {
  private let shard: Mutex<ThreadShard>

  init(_ shard: ThreadShard) { self.shard = Mutex(shard) }

  func take(_ sources: [ThreadGroups], _ losses: Losses) {
    shard.withLock { $0.take(sources, losses) }
  }
  func harvest(at end: Timestamp) -> [VCPUTrack] { shard.withLock { $0.harvest(at: end) } }
  func obey(_ settings: PollSettings, own: [ThreadID: PollSettings]) {
    shard.withLock { $0.obey(settings, own: own) }
  }
  func keep(where isKept: (VCPUTrack) -> Bool) { shard.withLock { $0.keep(where: isKept) } }
  func dropLogs() { shard.withLock { $0.dropLogs() } }

  /// How many halts are logged.
  var logged: Int { shard.withLock { $0.logged } }

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

/// A guest's CPUs, followed by one task at a time.
final class GuestFollower: Sendable {
  private let cpus: Mutex<GuestCPUs>

  init(_ cpus: GuestCPUs) { self.cpus = Mutex(cpus) }

  func take(_ sources: [[Event]]) { cpus.withLock { $0.take(sources) } }
  func drain() -> [KeptIdle] { cpus.withLock { $0.drain() } }
  func harvest(at end: Timestamp) -> [GuestCPUTrack] { cpus.withLock { $0.harvest(at: end) } }
  func dropLogs() { cpus.withLock { $0.dropLogs() } }

  /// How many idle times are logged.
  var logged: Int { cpus.withLock(\.logged) }

  func obey(_ settings: GuestSettings) { cpus.withLock { $0.obey(settings) } }
  func finish(at end: Timestamp) -> [GuestCPUTrack] { cpus.withLock { $0.finish(at: end) } }
}
