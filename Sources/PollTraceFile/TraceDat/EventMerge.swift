internal import PollTrace

/// The events of several CPUs in order of time; those of one moment in order of CPU.
///
/// A binary heap of cursors: the one on top is moved on and sinks to its place.
struct EventMerge {
  private let layouts: EventLayouts
  private let clock: ClockConversion
  private var cursors: [EventCursor]
  /// The events of each cursor's current page, and which of them is next.
  private var pages: [[Event]]
  private var positions: [Int]
  /// Cursors that have not ended, the earliest on top.
  private var heap: [Head] = []
  private struct Head {
    var time: Timestamp
    var cursor: Int
    @inline(__always)
    static func < (left: Head, right: Head) -> Bool {
      left.time < right.time || (left.time == right.time && left.cursor < right.cursor)
    }
  }

  /// Merges the pages of CPUs, which are in order of CPU.
  init(
    _ pages: [CPUPages], _ layouts: EventLayouts, _ clock: ClockConversion, _ slice: TraceSlice
  ) {
    self.layouts = layouts
    self.clock = clock
    cursors = pages.map { EventCursor($0, clock, slice) }
    positions = Array(repeating: 0, count: pages.count)
    self.pages = Array(repeating: [], count: pages.count)
    for index in cursors.indices {
      cursors[index].refill(&self.pages[index], layouts, clock)
      if let first = self.pages[index].first {
        heap.append(Head(time: first.time, cursor: index))
      }
    }
    for index in heap.indices.reversed() { sink(index) }
  }

  /// Appends the next events to `batch`, up to its capacity of `most`; false at the end.
  mutating func fill(_ batch: inout [Event], most: Int) -> Bool {
    while batch.count < most {
      guard !heap.isEmpty else { return false }
      let top = heap[0].cursor
      var position = positions[top]
      batch.append(pages[top][position])
      position &+= 1
      if position == pages[top].count {
        cursors[top].refill(&pages[top], layouts, clock)
        position = 0
      }
      positions[top] = position
      if position < pages[top].count {
        heap[0].time = pages[top][position].time
      } else {
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
      }
      sink(0)
    }
    return true
  }

  @inline(__always)
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
