/// All vCPU threads of one trace: takes events in, keeps a track for each thread.
///
/// Incremental, and mergeable: the tracks of consecutive slices of time join to those of the whole.
/// Events may come CPU by CPU, each CPU's in order of time: only the order of one thread's events
/// matters, so no CPU is merged with another.
package struct HostTracks: Sendable {
  package let scope: TrackScope
  /// In order of first appearance.
  package private(set) var tracks: [VCPUTrack] = []
  private var index = ThreadIndex()
  private var sorter = EventSorter()
  /// Where the tracks of the events lie that are being sorted.
  private var places: [Int32] = []
  /// Room for the halts of one thread.
  private var halts: [Halt] = []
  private var losses = Losses()
  /// Events of threads beyond the most that are followed.
  package private(set) var ignored: UInt64 = 0
  /// How many threads are followed at most: a damaged trace may name millions, of 10 KB each.
  private static let most = 1 << 16
  private var merger = RunMerger<TracedHalt>()

  /// No tracks yet; there is room for `threads` of them.
  package init(scope: TrackScope, threads: Int = 0) {
    self.scope = scope
    losses = scope.losses ?? Losses()
    tracks.reserveCapacity(threads)
  }

  /// Fewer events than these are better taken in with the next ones: each track is looked at once
  /// whenever some are.
  package var fewEvents: Int { 32 * tracks.count }

  /// Takes in every event from where the last ones ended up to some moment.
  package mutating func take(_ events: Span<Event>) {
    findPlaces(of: events)
    sorter.sort(events, by: places, below: tracks.count)
    let longest = tracks.indices.reduce(0) { max($0, sorter.range(of: $1).count) }
    if halts.count < longest { halts = Array(repeating: .none, count: longest) }
    for place in tracks.indices {
      let range = sorter.range(of: place)
      if !range.isEmpty {
        tracks[place].take(sorter.events, range, losses, scope, &halts)
      }
    }
  }

  /// Whether any events were lost: then halts are looked at event by event.
  package var hasLosses: Bool { !losses.isEmpty }

  /// Takes in the halts of `thread` from where its last ones ended up to some moment.
  ///
  /// They are those in `range`, CPU by CPU.
  package mutating func take(
    _ traced: inout [TracedHalt], _ range: Range<Int>, of thread: ThreadID
  ) {
    guard !range.isEmpty else { return }
    let isSpare = merger.merge(&traced, range)
    if halts.count < range.count { halts = Array(repeating: .none, count: range.count) }
    guard let place = place(of: thread) else {
      ignored += UInt64(range.count)
      return
    }
    if isSpare {
      tracks[place].take(merger.spare, 0..<range.count, losses, scope, &halts)
    } else {
      tracks[place].take(traced, range, losses, scope, &halts)
    }
  }

  /// Has `places` say where the track of each of `events` lies, and notes losses.
  private mutating func findPlaces(of events: Span<Event>) {
    if places.count < events.count { places = Array(repeating: 0, count: events.count) }
    var found: [Int32] = []
    swap(&found, &places)
    var room = found.mutableSpan
    for position in events.indices {
      let subject = events[position].subject
      if subject != .idle {
        if let place = place(of: subject) {
          room[position] = Int32(truncatingIfNeeded: place)
        } else {
          room[position] = EventSorter.nowhere
          ignored += 1
        }
      } else {
        // Nobody's event, or the idle task's, which is no vCPU.
        room[position] = EventSorter.nowhere
        if events[position].what == .lost, scope.losses == nil {
          losses.add(position, of: events)
        }
      }
    }
    swap(&found, &places)
  }

  /// Where the track of `thread` lies; nil beyond the most that are followed.
  @inline(__always)
  private mutating func place(of thread: ThreadID) -> Int? {
    if let place = index[thread] { return place }
    guard tracks.count < Self.most else { return nil }
    index[thread] = tracks.count
    tracks.append(VCPUTrack(thread: thread, isBegun: scope.keeps == .whole))
    return tracks.count - 1
  }

  /// Goes on with the tracks of the next part of the trace.
  package mutating func append(_ later: HostTracks) {
    if scope.losses == nil { losses.append(later.losses) }
    if tracks.isEmpty {
      (tracks, index, ignored) = (later.tracks, later.index, later.ignored)
      return
    }
    ignored += later.ignored
    for number in later.tracks.indices {
      let thread = later.tracks[number].thread
      guard let position = index[thread] else {
        guard tracks.count < Self.most else {
          ignored += later.tracks[number].measures.halts
          continue
        }
        index[thread] = tracks.count
        tracks.append(later.tracks[number])
        continue
      }
      if tracks[position].isCut(by: losses, before: later.tracks[number]) {
        tracks[position].breakOff()
      }
      tracks[position].append(later.tracks[number], scope)
    }
  }

  /// Gives away the memory that only taking more in needs.
  package mutating func rest() {
    (sorter, merger, places, halts) = (EventSorter(), RunMerger(), [], [])
  }

  /// Hands over, thread by thread, the halts in full that came since the last time.
  package mutating func drain(_ take: (ThreadID, HaltQueue) -> Void) {
    for position in tracks.indices where !tracks[position].queue.isEmpty {
      take(tracks[position].thread, tracks[position].drain())
    }
  }

  /// The trace ends at `end`: settles what is open, and drops threads that never halted.
  package mutating func finish(at end: Timestamp) {
    for position in tracks.indices {
      tracks[position].noteEdges(of: losses)
      tracks[position].finish(at: min(end, scope.to), scope)
    }
    tracks.removeAll { !$0.hasHalts }
    index = ThreadIndex()
    rest()
    for (position, track) in tracks.enumerated() { index[track.thread] = position }
  }
}
