internal import PollTrace

/// Events in memory, 32 bytes each: of formats that must be read from their beginning.
///
/// They lie in lanes, each in order of time: one a CPU, or one for all where the file has them in
/// order.
struct EventStore: Sendable {
  private(set) var lanes: [[Event]] = []
  /// What reading counted, of events of every kind.
  var tally = ReadTally()
  /// How many events are kept.
  private(set) var count = 0
  /// More are not kept: 4 GiB.
  static let most = 1 << 27
  /// How many were left out for that.
  private(set) var leftOut: UInt64 = 0
  private var hasLosses = false
  /// The last time of each lane, and whether one is out of order.
  private var last: [Timestamp] = []
  private var isInOrder: [Bool] = []

  /// A new lane's number; it has room for `capacity` events, more make it grow.
  mutating func addLane(capacity: Int = 0) -> Int {
    lanes.append([])
    lanes[lanes.count - 1].reserveCapacity(min(capacity, Self.most))
    last.append(Timestamp(0))
    isInOrder.append(true)
    return lanes.count - 1
  }

  /// Puts `event` into lane `lane`.
  @inline(__always)
  mutating func append(_ event: Event, lane: Int) {
    guard count < Self.most else {
      leftOut += 1
      return
    }
    count &+= 1
    if event.what == .lost { hasLosses = true }
    if event.time < last[lane] { isInOrder[lane] = false }
    last[lane] = event.time
    lanes[lane].append(event)
  }

  /// An event of any kind was met at `time`.
  @inline(__always)
  mutating func see(_ time: Timestamp) {
    tally.events &+= 1
    if let last = tally.last, let first = tally.first {
      if time > last { tally.last = time } else if time < first { tally.first = time }
    } else {
      (tally.first, tally.last) = (time, time)
    }
  }

  /// All is in: puts each lane in order.
  mutating func finish() {
    for lane in lanes.indices where !isInOrder[lane] { RunSort.sort(&lanes[lane]) }
    if leftOut > 0 {
      tally.ledger.note(.unfinished, leftOut, "events beyond the first \(Self.most), left out")
    }
  }

  /// When events were lost on which CPUs.
  var losses: Losses {
    var losses = Losses()
    guard hasLosses else { return losses }
    for lane in lanes {
      var last: [CPU: Timestamp] = [:]
      for event in lane {
        if event.what == .lost {
          losses.add(on: event.cpu, after: last[event.cpu], before: event.time)
        }
        last[event.cpu] = event.time
      }
    }
    return losses
  }

  /// Lends the events of `slice`, lane by lane.
  func lend(_ slice: TraceSlice, _ take: (Span<Event>) -> Void) {
    for number in lanes.indices {
      let lane = lanes[number]
      let range = range(of: slice, lane: number)
      if !range.isEmpty { take(lane.span.extracting(range)) }
    }
  }

  /// Where the events of lane `lane` lie that belong to `slice`.
  private func range(of slice: TraceSlice, lane: Int) -> Range<Int> {
    let from = slice.from.rawValue == 0 ? 0 : first(notBefore: slice.from, lane)
    let to = slice.to.rawValue == .max ? lanes[lane].count : first(notBefore: slice.to, lane)
    return from..<max(from, to)
  }

  private func first(notBefore time: Timestamp, _ lane: Int) -> Int {
    var (low, high) = (0, lanes[lane].count)
    while low < high {
      let middle = (low + high) / 2
      if lanes[lane][middle].time < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
