/// All vCPU threads of one trace: takes events in order of time, keeps a track for each thread.
///
/// Incremental, and mergeable: the tracks of consecutive slices of time join to those of the whole.
package struct HostTracks: Sendable {
  package let scope: TrackScope
  /// In order of first appearance.
  package private(set) var tracks: [VCPUTrack] = []
  private var index = ThreadIndex()
  /// The thread that was looked up last.
  private var latest: (thread: ThreadID, position: Int) = (ThreadID(-1), 0)
  /// When events were lost on each CPU, for the first and the last time; empty if never.
  private var losses: [CPU: (first: Timestamp, last: Timestamp)] = [:]

  package init(scope: TrackScope) { self.scope = scope }

  /// Takes a batch of events in, which go on where the last batch ended.
  package mutating func take(_ events: Span<Event>) {
    for position in events.indices { take(events[position]) }
  }

  private mutating func take(_ event: Event) {
    switch event.kind {
    case .wakeup(let block, let ending, let isValid):
      let position = place(of: event.thread, seenAt: event.time, on: event.cpu)
      tracks[position].add(
        HaltBuilder.Wakeup(
          time: event.time, cpu: event.cpu, block: block, ending: ending, isValid: isValid), scope)
    case .decision(let decision):
      let position = place(of: event.thread, seenAt: event.time, on: event.cpu)
      tracks[position].add(decision, at: event.time, on: event.cpu)
    case .waking(let woken, _, let context):
      tracks[place(of: woken)].addWaking(
        at: event.time, cpu: event.cpu, by: event.thread, context: context)
    case .switched(let next, let stillRunnable):
      guard event.thread != .idle else { return }
      tracks[place(of: event.thread)].addSwitch(
        at: event.time, cpu: event.cpu, to: next, stillRunnable: stillRunnable)
    case .lost:
      let first = losses[event.cpu]?.first ?? event.time
      losses[event.cpu] = (first, event.time)
    }
  }

  /// Where the track of `thread` lies; it is begun with the first event.
  @inline(__always)
  private mutating func place(of thread: ThreadID) -> Int {
    // A decision and its wake-up follow each other.
    if thread == latest.thread, thread.rawValue >= 0 { return latest.position }
    latest = (thread, find(thread))
    return latest.position
  }

  private mutating func find(_ thread: ThreadID) -> Int {
    if let position = index[thread] { return position }
    index[thread] = tracks.count
    tracks.append(VCPUTrack(thread: thread))
    return tracks.count - 1
  }

  /// The same for a kvm event of the thread itself: losses since its last one break the chain.
  private mutating func place(of thread: ThreadID, seenAt time: Timestamp, on cpu: CPU) -> Int {
    let position = place(of: thread)
    if !losses.isEmpty, let last = tracks[position].last,
      isLost(on: last.cpu, after: last.time) || isLost(on: cpu, after: last.time)
    {
      tracks[position].breakOff()
    }
    return position
  }

  private func isLost(on cpu: CPU, after time: Timestamp) -> Bool {
    losses[cpu].map { $0.last >= time } ?? false
  }

  /// Goes on with the tracks of the next slice of time.
  package mutating func append(_ later: HostTracks) {
    for track in later.tracks {
      let position = place(of: track.thread)
      if let last = tracks[position].last, let first = track.first {
        let before = [last.cpu, first.cpu].contains { isLost(on: $0, after: last.time) }
        let after = [last.cpu, first.cpu].contains { cpu in
          later.losses[cpu].map { $0.first <= first.time } ?? false
        }
        if before || after { tracks[position].breakOff() }
      }
      tracks[position].append(track, scope)
    }
    for (cpu, theirs) in later.losses {
      losses[cpu] = (losses[cpu]?.first ?? theirs.first, theirs.last)
    }
  }

  /// The trace ends at `end`: settles what is open and drops threads that never halted.
  package mutating func finish(at end: Timestamp) {
    for position in tracks.indices { tracks[position].finish(at: min(end, scope.to), scope) }
    tracks.removeAll { !$0.hasHalts }
    index = ThreadIndex()
    latest = (ThreadID(-1), 0)
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
