/// The events of one source in one round, grouped by thread, each group in order of time.
package struct ThreadGroups: Sendable {
  /// One thread's events.
  struct Group: Sendable {
    var thread: ThreadID
    var range: Range<Int>
  }
  /// Room, of which the groups' ranges are filled.
  fileprivate(set) var events: [Event] = []
  fileprivate(set) var groups: [Group] = []
  /// Events of threads beyond the most that are followed.
  package fileprivate(set) var ignored: UInt64 = 0
}

/// Groups the events of one source by thread, round by round, in memory that is used again.
///
/// Threads are told apart by counting, so that each event is moved once. Nobody's events and those of
/// the idle task, which is no vCPU, are left out.
package struct ThreadGrouper: Sendable {
  private var index = ThreadIndex()
  private var threads: [ThreadID] = []
  /// By thread: how many events the round has, and then where its next one goes; 0 between rounds.
  private var counts: [Int] = []
  /// Where the last two rounds' events were moved to: one round's are followed while the next one's come.
  private var rooms: [[Event]] = [[], []]
  /// By event: its thread's place; -1 for none.
  private var places: [Int32] = []
  /// Whether switches are events of both threads: of the one that gets the CPU, too.
  private let hasSwitchesIn: Bool
  /// By event: the place of the thread that a switch is an event of beside its own.
  private var placesIn: [Int32] = []

  /// How many threads are followed at most: a damaged trace may name millions.
  private static let most = 1 << 16

  package init(hasSwitchesIn: Bool = false) { self.hasSwitchesIn = hasSwitchesIn }

  /// How many threads there were so far.
  package var threadCount: Int { threads.count }

  /// Groups `events`, which are in order of time.
  package mutating func group(_ events: Span<Event>) -> ThreadGroups {
    var grouped = ThreadGroups()
    grouped.ignored = findPlaces(of: events)
    if hasSwitchesIn { findPlacesIn(of: events) }
    // Moved out: spans of the places are lent meanwhile.
    var next: [Int] = []
    swap(&next, &counts)
    // In order of first appearance.
    var round: [Int] = []
    Self.count(places.span.extracting(0..<events.count), &next, &round)
    Self.count(placesIn.span, &next, &round)
    var sum = 0
    for place in round {
      let begin = sum
      sum += next[place]
      next[place] = begin
      grouped.groups.append(.init(thread: threads[place], range: begin..<sum))
    }
    var room = rooms.removeFirst()
    if room.count < sum {
      let nothing = Event(time: Timestamp(0), cpu: CPU(0), thread: .idle, kind: .lost(count: nil))
      room = Array(repeating: nothing, count: sum)
    }
    Self.move(events, places.span, placesIn.span, &next, to: &room)
    rooms.append(room)
    grouped.events = room
    for place in round { next[place] = 0 }
    swap(&next, &counts)
    return grouped
  }

  /// Has `places` say where each event's thread is.
  private mutating func findPlaces(of events: Span<Event>) -> UInt64 {
    var ignored: UInt64 = 0
    if places.count < events.count { places = Array(repeating: 0, count: events.count) }
    // Moved out: a span of it is lent while threads are looked up.
    var found: [Int32] = []
    swap(&found, &places)
    var room = found.mutableSpan
    for number in events.indices {
      let subject = events[number].subject
      let place = subject == .idle ? nil : place(of: subject)
      if place == nil, subject != .idle { ignored += 1 }
      room[number] = Int32(truncatingIfNeeded: place ?? -1)
    }
    swap(&found, &places)
    return ignored
  }

  /// Has `placesIn` say where the thread is that each switch is also an event of.
  private mutating func findPlacesIn(of events: Span<Event>) {
    placesIn.removeAll(keepingCapacity: true)
    for number in events.indices {
      var found: Int32 = -1
      if events[number].what == .switched, events[number].other != .idle,
        let place = place(of: events[number].other)
      {
        found = Int32(truncatingIfNeeded: place)
      }
      placesIn.append(found)
    }
  }

  /// Has `counts` say how many events each thread has, and `round` which have any.
  private static func count(
    _ places: Span<Int32>, _ counts: inout [Int], _ round: inout [Int]
  ) {
    var counts = counts.mutableSpan
    for number in places.indices where places[number] >= 0 {
      let place = Int(places[number])
      if counts[place] == 0 { round.append(place) }
      counts[place] &+= 1
    }
  }

  @inline(__always)
  private mutating func place(of thread: ThreadID) -> Int? {
    if let place = index[thread] { return place }
    guard threads.count < Self.most else { return nil }
    index[thread] = threads.count
    threads.append(thread)
    counts.append(0)
    return threads.count - 1
  }

  /// Moves each event to its thread's next place; a switch that has a place in `placesIn`, which may be
  /// empty, also to the other thread's.
  private static func move(
    _ events: Span<Event>, _ places: Span<Int32>, _ placesIn: Span<Int32>, _ next: inout [Int],
    to grouped: inout [Event]
  ) {
    var next = next.mutableSpan
    var grouped = grouped.mutableSpan
    for number in events.indices {
      if places[number] >= 0 {
        let place = Int(places[number])
        grouped[next[place]] = events[number]
        next[place] &+= 1
      }
      if number < placesIn.count, placesIn[number] >= 0 {
        let place = Int(placesIn[number])
        grouped[next[place]] = events[number].asSwitchedIn
        next[place] &+= 1
      }
    }
  }
}
