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
  private var spare: [Event] = []
  /// Where the sorted runs of one place end.
  private var runs: [Int] = []

  /// Where events go that no thread waits for.
  static let nowhere: Int32 = -1

  /// Sorts `unsorted` by `places`, which are below `count`, and by time.
  mutating func sort(_ unsorted: Span<Event>, by places: [Int32], below count: Int) {
    reserve(unsorted.count)
    ends = Array(repeating: 0, count: count)
    Self.count(places, unsorted.count, &ends)
    Self.spread(unsorted, places, &ends, into: &events)
    for place in 0..<count { mergeRuns(in: range(of: place)) }
  }

  /// Where the events of `place` lie.
  func range(of place: Int) -> Range<Int> { (place == 0 ? 0 : ends[place - 1])..<ends[place] }

  private mutating func reserve(_ count: Int) {
    guard events.count < count else { return }
    let nothing = Event(time: Timestamp(0), cpu: CPU(0), thread: .idle, kind: .lost(count: nil))
    events = Array(repeating: nothing, count: count)
    spare = events
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

  /// Puts the events in `range` in order of time.
  private mutating func mergeRuns(in range: Range<Int>) {
    Self.findRuns(in: range, of: events, &runs)
    guard runs.count > 1 else { return }
    var isSpare = false
    while runs.count > 1 {
      if isSpare {
        Self.mergePairs(&runs, from: range.lowerBound, of: spare, into: &events)
      } else {
        Self.mergePairs(&runs, from: range.lowerBound, of: events, into: &spare)
      }
      isSpare.toggle()
    }
    if isSpare { for index in range { events[index] = spare[index] } }
  }

  /// Has `runs` say where each sorted run in `range` ends.
  private static func findRuns(in range: Range<Int>, of events: [Event], _ runs: inout [Int]) {
    runs.removeAll(keepingCapacity: true)
    var last = Timestamp(0)
    for index in range {
      let time = events[index].time
      if time < last { runs.append(index) }
      last = time
    }
    runs.append(range.upperBound)
  }

  /// Merges each two of `runs`, the first of which begins at `start`.
  private static func mergePairs(
    _ runs: inout [Int], from start: Int, of events: [Event], into merged: inout [Event]
  ) {
    var merged = merged.mutableSpan
    var start = start
    var count = 0
    for pair in stride(from: 0, to: runs.count, by: 2) {
      let middle = runs[pair]
      let end = pair + 1 < runs.count ? runs[pair + 1] : middle
      merge(events, start..<middle, middle..<end, into: &merged)
      runs[count] = end
      count += 1
      start = end
    }
    runs.removeSubrange(count...)
  }

  /// Merges two runs that follow each other, `first` and `second`, into the same place of `merged`.
  private static func merge(
    _ events: [Event], _ first: Range<Int>, _ second: Range<Int>,
    into merged: inout MutableSpan<Event>
  ) {
    var (left, right, next) = (first.lowerBound, second.lowerBound, first.lowerBound)
    while left < first.upperBound, right < second.upperBound {
      // A thread stays on a CPU for a while: several of one run follow each other.
      while left < first.upperBound, events[left].time <= events[right].time {
        merged[next] = events[left]
        left &+= 1
        next &+= 1
      }
      guard left < first.upperBound else { break }
      while right < second.upperBound, events[right].time < events[left].time {
        merged[next] = events[right]
        right &+= 1
        next &+= 1
      }
    }
    for index in left..<first.upperBound {
      merged[next] = events[index]
      next &+= 1
    }
    for index in right..<second.upperBound {
      merged[next] = events[index]
      next &+= 1
    }
  }
}
