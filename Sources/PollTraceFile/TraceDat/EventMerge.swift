internal import PollTrace

/// The events of several CPUs in order of time; those of one moment in order of CPU.
///
/// A binary heap of cursors: the one on top is moved on and sinks to its place.
struct EventMerge {
  private var cursors: [EventCursor]
  /// Cursors that have not ended, the earliest on top.
  private var heap: [Head] = []
  private struct Head {
    var time: Timestamp
    var cursor: Int
    static func < (left: Head, right: Head) -> Bool {
      left.time < right.time || (left.time == right.time && left.cursor < right.cursor)
    }
  }

  /// Merges `cursors`, which are in order of CPU.
  init(_ cursors: [EventCursor]) {
    self.cursors = cursors
    for index in cursors.indices {
      guard let event = cursors[index].current else { continue }
      heap.append(Head(time: event.time, cursor: index))
    }
    for index in heap.indices.reversed() { sink(index) }
  }

  /// The next event, nil at the end.
  @inline(__always)
  mutating func next() -> Event? {
    guard let top = heap.first else { return nil }
    let event = cursors[top.cursor].current
    cursors[top.cursor].advance()
    if let following = cursors[top.cursor].current {
      heap[0].time = following.time
    } else {
      heap[0] = heap[heap.count - 1]
      heap.removeLast()
    }
    sink(0)
    return event
  }

  private mutating func sink(_ start: Int) {
    guard start < heap.count else { return }
    var place = start
    let head = heap[place]
    while true {
      var child = 2 &* place &+ 1
      guard child < heap.count else { break }
      if child &+ 1 < heap.count, heap[child &+ 1] < heap[child] { child &+= 1 }
      guard heap[child] < head else { break }
      heap[place] = heap[child]
      place = child
    }
    heap[place] = head
  }

  /// What all cursors counted.
  var tally: ReadTally {
    cursors.reduce(into: ReadTally()) { $0.merge($1.tally) }
  }
}
