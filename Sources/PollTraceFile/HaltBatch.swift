internal import PollTrace

/// The halts of a slice by thread, as a reader finds them: room that is used again and again.
///
/// Each thread has a stretch of the room; one that is full moves to a longer one at the room's end.
struct HaltBatch {
  /// One thread's stretch of the room, filled up to `next`.
  struct Stretch {
    /// 0 for nobody's: the idle task never halts.
    var thread: Int32 = 0
    var begin: Int32 = 0
    var next: Int32 = 0
    var end: Int32 = 0
  }
  var room: [TracedHalt] = []
  /// A table in which a thread's place is its number's low bits, or the next that is free.
  var stretches = Array(repeating: Stretch(), count: 256)
  /// The places in it that are somebody's, in the order in which they came.
  private var places: [Int] = []

  /// Twice what a batch brings each of many threads (`HostTracks.fewEvents`): few are moved.
  private static let shortest = 64

  /// How many halts.
  var count: Int {
    places.reduce(0) { $0 + Int(stretches[$1].next - stretches[$1].begin) }
  }

  /// Puts `halt` behind the others of `thread`, which is not the idle task.
  mutating func append(_ halt: TracedHalt, of thread: ThreadID) {
    let place = place(of: thread.rawValue)
    if stretches[place].next == stretches[place].end { lengthen(place) }
    room[Int(stretches[place].next)] = halt
    stretches[place].next += 1
  }

  /// The place of `thread`, which is given one with the first halt.
  private mutating func place(of thread: Int32) -> Int {
    if places.count * 4 >= stretches.count { widen() }
    let place = free(for: thread)
    if stretches[place].thread != thread {
      stretches[place].thread = thread
      places.append(place)
    }
    return place
  }

  /// Where `thread` is in the table or belongs.
  private func free(for thread: Int32) -> Int {
    var place = Int(thread) & (stretches.count - 1)
    while stretches[place].thread != thread, stretches[place].thread != 0 {
      place = (place + 1) & (stretches.count - 1)
    }
    return place
  }

  /// Makes the table longer.
  private mutating func widen() {
    let before = places.map { stretches[$0] }
    stretches = Array(repeating: Stretch(), count: stretches.count * 4)
    places = []
    for stretch in before {
      let place = free(for: stretch.thread)
      stretches[place] = stretch
      places.append(place)
    }
  }

  /// Moves a full stretch to the room's end and doubles it.
  private mutating func lengthen(_ place: Int) {
    let stretch = stretches[place]
    let length = max(Self.shortest, 2 * Int(stretch.end - stretch.begin))
    let begin = room.count
    // By a quarter at a time: what an array would take by itself is twice as much.
    if room.capacity < begin + length { room.reserveCapacity(begin + max(length, begin / 4)) }
    room += repeatElement(.none, count: length)
    for index in Int(stretch.begin)..<Int(stretch.next) {
      room[begin + index - Int(stretch.begin)] = room[index]
    }
    stretches[place].begin = Int32(begin)
    stretches[place].next = Int32(begin) + stretch.next - stretch.begin
    stretches[place].end = Int32(begin + length)
  }

  /// Hands each thread's halts to `tracks`, and keeps none.
  mutating func empty(into tracks: inout HostTracks) {
    for place in places {
      let stretch = stretches[place]
      tracks.take(
        &room, Int(stretch.begin)..<Int(stretch.next), of: ThreadID(stretch.thread))
      stretches[place].next = stretch.begin
    }
  }

  /// Puts the events of which the halts were made into `events`, and keeps none.
  mutating func empty(into events: inout EventBatch) {
    for place in places {
      let stretch = stretches[place]
      let thread = ThreadID(stretch.thread)
      for index in Int(stretch.begin)..<Int(stretch.next) {
        if let decision = room[index].decisionEvent(of: thread) { events.append(decision) }
        events.append(room[index].wakeupEvent(of: thread))
      }
      stretches[place].next = stretch.begin
    }
  }
}
