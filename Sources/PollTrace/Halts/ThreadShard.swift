/// Some of the threads of a trace, each with its track: takes events in, round by round.
///
/// A round has the events of some time, source by source. Only the order of one thread's events
/// matters, so sources are never merged but where one thread has events in several.
package struct ThreadShard: Sendable {
  package private(set) var scope: TrackScope
  /// Which of the shards it is.
  private let number: Int
  /// In order of first appearance.
  package private(set) var tracks: [VCPUTrack] = []
  private var index = ThreadIndex()
  /// The round's groups of the shard's threads: the track's place, the source and the events in it.
  private var parts: [(place: Int, source: Int, range: Range<Int>)] = []
  /// One thread's events of several sources.
  private var merged: [Event] = []
  private var merger = RunMerger<Event>()
  private var batch = WindowedBatch()

  /// Into how many shards the threads of a trace are told apart.
  package static let count = 16

  package init(number: Int, scope: TrackScope) { (self.number, self.scope) = (number, scope) }

  /// The shard of a thread.
  static func number(of thread: ThreadID) -> Int {
    // The top four bits of a product with 2³² / φ: numbers that differ little lie apart.
    Int((UInt32(bitPattern: thread.rawValue) &* 0x9e37_79b9) >> 28)
  }

  /// Takes in the next round's events, of which those of other shards' threads are passed over;
  /// `losses` are those of all CPUs so far.
  package mutating func take(_ sources: [ThreadGroups], _ losses: Losses) {
    parts.removeAll(keepingCapacity: true)
    for source in sources.indices {
      for group in sources[source].groups where Self.number(of: group.thread) == number {
        parts.append((place(of: group.thread), source, group.range))
      }
    }
    parts.sort { ($0.place, $0.source) < ($1.place, $1.source) }
    var next = 0
    while next < parts.count {
      let (place, source, range) = parts[next]
      var end = next + 1
      while end < parts.count, parts[end].place == place { end += 1 }
      if end == next + 1 {
        tracks[place].take(sources[source].events, range, losses, scope, &batch)
      } else {
        merge(parts[next..<end], of: sources)
        tracks[place].take(merged, merged.indices, losses, scope, &batch)
      }
      next = end
    }
  }

  /// Has `merged` hold the events of `parts`, one thread's, in order of time.
  private mutating func merge(
    _ parts: ArraySlice<(place: Int, source: Int, range: Range<Int>)>, of sources: [ThreadGroups]
  ) {
    merged.removeAll(keepingCapacity: true)
    for part in parts { merged += sources[part.source].events[part.range] }
    merger.sort(&merged, merged.indices)
  }

  /// Where the track of `thread` lies.
  private mutating func place(of thread: ThreadID) -> Int {
    if let place = index[thread] { return place }
    index[thread] = tracks.count
    tracks.append(VCPUTrack(thread: thread, scope))
    return tracks.count - 1
  }

  /// Hands over, thread by thread, the halts that were kept since the last time.
  package mutating func drain(_ take: (ThreadID, [WindowedHalt]) -> Void) {
    for place in tracks.indices { take(tracks[place].thread, tracks[place].drain()) }
  }

  /// How many halts are logged: by place, as a track that is handed out is copied.
  package var logged: Int { tracks.indices.reduce(0) { $0 + tracks[$1].log.entries.count } }

  /// Keeps no logs any more: there are more halts than a replay takes.
  package mutating func dropLogs() {
    scope.keeps.log = .none
    for place in tracks.indices { tracks[place].dropLog() }
  }

  /// What came of each thread that has halted since the last time, until `end`; all are followed on.
  package mutating func harvest(at end: Timestamp) -> [VCPUTrack] {
    var past: [VCPUTrack] = []
    for place in tracks.indices where tracks[place].hasHalts {
      past.append(tracks[place].harvest(at: end, scope, &batch))
    }
    return past
  }

  /// Forgets all threads but those that are to be kept: a live source has ever new ones.
  package mutating func keep(where isKept: (VCPUTrack) -> Bool) {
    guard !tracks.allSatisfy(isKept) else { return }
    tracks.removeAll { !isKept($0) }
    index = ThreadIndex()
    for place in tracks.indices { index[tracks[place].thread] = place }
  }

  /// From now on halts obey `settings`, those of some threads their `own`.
  package mutating func obey(_ settings: PollSettings, own: [ThreadID: PollSettings]) {
    (scope.settings, scope.ownSettings) = (settings, own)
    for place in tracks.indices {
      tracks[place].obey(scope.settings(of: tracks[place].thread))
    }
  }

  /// The trace ends at `end`: settles what is open, and drops threads that never halted.
  package mutating func finish(at end: Timestamp, _ losses: Losses) {
    for place in tracks.indices { tracks[place].finish(at: end, losses, scope, &batch) }
    tracks.removeAll { !$0.hasHalts }
    (index, parts, merged) = (ThreadIndex(), [], [])
    (merger, batch) = (RunMerger<Event>(), WindowedBatch())
  }
}
