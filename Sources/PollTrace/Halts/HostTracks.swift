/// All vCPU threads of one trace: takes events in, keeps a track for each thread.
///
/// Incremental, and mergeable: the tracks of consecutive slices of time join to those of the whole.
/// Events may come CPU by CPU, each CPU's in order of time: only the order of one thread's events
/// matters, so no CPU is merged with another. They wait, thread by thread, until `settle()`.
package struct HostTracks: Sendable {
  package let scope: TrackScope
  /// In order of first appearance.
  package private(set) var tracks: [VCPUTrack] = []
  /// The events of each track that wait to be put in order.
  private var waiting: [[Event]] = []
  private var index = ThreadIndex()
  /// The thread that was looked up last.
  private var latest: (thread: ThreadID, position: Int) = (ThreadID(-1), 0)
  private var losses = Losses()
  /// Events of threads beyond the most that are followed.
  package private(set) var ignored: UInt64 = 0
  /// How many threads are followed at most: a damaged trace may name millions, of 10 KB each.
  private static let most = 1 << 16

  package init(scope: TrackScope) { self.scope = scope }

  /// Takes some events of one CPU in, which go on where the last ones of that CPU ended.
  package mutating func take(_ events: Span<Event>) {
    for position in events.indices {
      let event = events[position]
      switch event.kind {
      case .wakeup, .decision:
        wait(event, for: event.thread)
      case .waking(let woken, _, _):
        wait(event, for: woken)
      case .switched:
        if event.thread != .idle { wait(event, for: event.thread) }
      case .lost:
        losses.add(event.time, on: event.cpu)
      }
    }
  }

  /// Every event up to some moment was taken in: works off what waits.
  package mutating func settle() {
    for position in waiting.indices where !waiting[position].isEmpty {
      EventRuns.sort(&waiting[position])
      tracks[position].take(waiting[position], losses, scope)
      waiting[position].removeAll(keepingCapacity: true)
    }
  }

  /// Lets `event` wait until the events of `thread` are put in order.
  @inline(__always)
  private mutating func wait(_ event: Event, for thread: ThreadID) {
    if let position = place(of: thread) {
      waiting[position].append(event)
    } else {
      ignored += 1
    }
  }

  /// Where the track of `thread` lies; it is begun with the first event, if there is room.
  @inline(__always)
  private mutating func place(of thread: ThreadID) -> Int? {
    // A decision and its wake-up follow each other.
    if thread == latest.thread, thread.rawValue >= 0 { return latest.position }
    guard let position = find(thread) else { return nil }
    latest = (thread, position)
    return position
  }

  private mutating func find(_ thread: ThreadID) -> Int? {
    if let position = index[thread] { return position }
    guard tracks.count < Self.most else { return nil }
    index[thread] = tracks.count
    tracks.append(VCPUTrack(thread: thread))
    waiting.append([])
    return tracks.count - 1
  }

  /// Goes on with the tracks of the next slice of time; both have settled.
  package mutating func append(_ later: HostTracks) {
    losses.append(later.losses)
    ignored += later.ignored
    for track in later.tracks {
      guard let position = place(of: track.thread) else {
        ignored += track.measures.halts
        continue
      }
      if !losses.isEmpty, let last = tracks[position].last, let first = track.first,
        losses.lie(between: last, and: first)
      {
        tracks[position].breakOff()
      }
      tracks[position].append(track, scope)
    }
  }

  /// The trace ends at `end`: settles what is open and drops threads that never halted.
  package mutating func finish(at end: Timestamp) {
    settle()
    for position in tracks.indices { tracks[position].finish(at: min(end, scope.to), scope) }
    tracks.removeAll { !$0.hasHalts }
    index = ThreadIndex()
    latest = (ThreadID(-1), 0)
    waiting = Array(repeating: [], count: tracks.count)
    for (position, track) in tracks.enumerated() { index[track.thread] = position }
  }
}

/// Thread → dense index, by two table look-ups: hashing would cost more than all else per event.
struct ThreadIndex: Sendable {
  /// Pages of 4,096 threads; Linux has at most 2²² (`PID_MAX_LIMIT`, linux include/linux/threads.h).
  private var pages: [[Int32]] = []
  private var others: [ThreadID: Int] = [:]
  private static let pageBits = 12

  subscript(thread: ThreadID) -> Int? {
    get {
      let number = Int(thread.rawValue)
      guard number >= 0, number < 1 << 22 else { return others[thread] }
      let page = number >> Self.pageBits
      guard page < pages.count, !pages[page].isEmpty else { return nil }
      let position = pages[page][number & (1 << Self.pageBits - 1)]
      return position < 0 ? nil : Int(position)
    }
    set {
      let number = Int(thread.rawValue)
      guard number >= 0, number < 1 << 22 else { return others[thread] = newValue }
      let page = number >> Self.pageBits
      while pages.count <= page { pages.append([]) }
      if pages[page].isEmpty { pages[page] = Array(repeating: -1, count: 1 << Self.pageBits) }
      pages[page][number & (1 << Self.pageBits - 1)] = Int32(newValue ?? -1)
    }
  }
}
