/// Puts events that came CPU by CPU in order thread by thread, in memory that is used again.
///
/// Threads are told apart by counting, so that each event is moved once. What one thread has is then
/// as many sorted runs as CPUs it was seen on; runs are merged two by two, and events of one moment
/// keep their order.
struct EventSorter: Sendable {
  /// The events by place, each place's in order of time.
  private(set) var events: [Event] = []
  /// Where the events of each place end.
  private var ends: [Int] = []
  private var merger = RunMerger<Event>()

  /// Where events go that no thread waits for.
  static let nowhere: Int32 = -1

  /// Sorts `unsorted` by `places`, which are below `count`, and by time.
  mutating func sort(_ unsorted: Span<Event>, by places: [Int32], below count: Int) {
    reserve(unsorted.count)
    ends = Array(repeating: 0, count: count)
    Self.count(places, unsorted.count, &ends)
    Self.spread(unsorted, places, &ends, into: &events)
    for place in 0..<count { merger.sort(&events, range(of: place)) }
  }

  /// Where the events of `place` lie.
  func range(of place: Int) -> Range<Int> { (place == 0 ? 0 : ends[place - 1])..<ends[place] }

  private mutating func reserve(_ count: Int) {
    guard events.count < count else { return }
    let nothing = Event(time: Timestamp(0), cpu: CPU(0), thread: .idle, kind: .lost(count: nil))
    events = Array(repeating: nothing, count: count)
  }

  /// Has `begins`, which is all 0, say where the first `count` of `places` begin.
  private static func count(_ places: [Int32], _ count: Int, _ begins: inout [Int]) {
    var begins = begins.mutableSpan
    for index in 0..<count where places[index] >= 0 { begins[Int(places[index])] &+= 1 }
    var sum = 0
    for place in begins.indices {
      let next = sum &+ begins[place]
      begins[place] = sum
      sum = next
    }
  }

  /// Moves each event to its place; `begins` then says where each place ends.
  private static func spread(
    _ unsorted: Span<Event>, _ places: [Int32], _ begins: inout [Int], into events: inout [Event]
  ) {
    var begins = begins.mutableSpan
    var events = events.mutableSpan
    for index in unsorted.indices where places[index] >= 0 {
      let place = Int(places[index])
      events[begins[place]] = unsorted[index]
      begins[place] &+= 1
    }
  }
}
