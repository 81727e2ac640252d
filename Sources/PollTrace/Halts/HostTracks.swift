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

  package init(scope: TrackScope) { self.scope = scope }

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

  /// Has `places` say where the track of each of `events` lies, and notes losses.
  private mutating func findPlaces(of events: Span<Event>) {
    if places.count < events.count { places = Array(repeating: 0, count: events.count) }
    var found: [Int32] = []
    swap(&found, &places)
    var room = found.mutableSpan
    for position in events.indices {
      let subject = events[position].subject
      if subject != .idle {
        room[position] = Int32(truncatingIfNeeded: place(of: subject))
      } else {
        // Nobody's event, or the idle task's, which is no vCPU.
        room[position] = EventSorter.nowhere
        if events[position].what == .lost { losses.add(position, of: events) }
      }
    }
    swap(&found, &places)
  }

  /// Where the track of `thread` lies; it is begun with the first event.
  @inline(__always)
  private mutating func place(of thread: ThreadID) -> Int {
    if let place = index[thread] { return place }
    index[thread] = tracks.count
    tracks.append(VCPUTrack(thread: thread))
    return tracks.count - 1
  }

  /// Goes on with the tracks of the next part of the trace.
  package mutating func append(_ later: HostTracks) {
    losses.append(later.losses)
    if tracks.isEmpty {
      (tracks, index) = (later.tracks, later.index)
      return
    }
    for number in later.tracks.indices {
      let thread = later.tracks[number].thread
      guard let position = index[thread] else {
        index[thread] = tracks.count
        tracks.append(later.tracks[number])
        continue
      }
      if !losses.isEmpty, let last = tracks[position].last, let first = later.tracks[number].first,
        losses.lie(between: last, and: first)
      {
        tracks[position].breakOff()
      }
      tracks[position].append(later.tracks[number], scope)
    }
  }

  /// The trace ends at `end`: settles what is open, and drops threads that never halted.
  package mutating func finish(at end: Timestamp) {
    for position in tracks.indices { tracks[position].finish(at: min(end, scope.to), scope) }
    tracks.removeAll { !$0.hasHalts }
    index = ThreadIndex()
    (sorter, places, halts) = (EventSorter(), [], [])
    for (position, track) in tracks.enumerated() { index[track.thread] = position }
  }
}
