internal import PollTrace

/// Puts events in order of time that are nearly in order; events of one moment keep theirs.
///
/// What is in order already is found as it stands, and runs are merged two by two.
enum RunSort {
  static func sort(_ events: inout [Event]) {
    var ends = runs(in: events)
    guard ends.count > 1 else { return }
    var merged: [Event] = []
    merged.reserveCapacity(events.count)
    while ends.count > 1 {
      var start = 0
      var left: [Int] = []
      for pair in stride(from: 0, to: ends.count, by: 2) {
        let middle = ends[pair]
        let end = pair + 1 < ends.count ? ends[pair + 1] : middle
        merge(events, start..<middle, middle..<end, into: &merged)
        left.append(end)
        start = end
      }
      swap(&events, &merged)
      merged.removeAll(keepingCapacity: true)
      ends = left
    }
  }

  /// Where each run that is in order ends.
  private static func runs(in events: [Event]) -> [Int] {
    var ends: [Int] = []
    var last = Timestamp(0)
    for index in events.indices {
      let time = events[index].time
      if time < last { ends.append(index) }
      last = time
    }
    ends.append(events.count)
    return ends
  }

  private static func merge(
    _ events: [Event], _ first: Range<Int>, _ second: Range<Int>, into merged: inout [Event]
  ) {
    var (left, right) = (first.lowerBound, second.lowerBound)
    while left < first.upperBound, right < second.upperBound {
      if events[right].time < events[left].time {
        merged.append(events[right])
        right += 1
      } else {
        merged.append(events[left])
        left += 1
      }
    }
    merged.append(contentsOf: events[left..<first.upperBound])
    merged.append(contentsOf: events[right..<second.upperBound])
  }
}
