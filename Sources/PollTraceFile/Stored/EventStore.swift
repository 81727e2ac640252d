internal import PollTrace

/// Events in memory, 32 bytes each: of formats whose events cannot be read again one by one.
struct EventStore: EventLanes {
  private var lanes: [[Event]] = []
  var tally = ReadTally()
  /// How many events are kept.
  private(set) var count = 0
  /// More are not kept: 4 GiB.
  static let most = 1 << 27
  /// How many were left out for that.
  private var leftOut: UInt64 = 0
  private(set) var hasLosses = false
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

  /// All is in: puts each lane in order.
  mutating func finish() {
    for lane in lanes.indices where !isInOrder[lane] {
      var merger = RunMerger<Event>()
      merger.sort(&lanes[lane], lanes[lane].indices)
    }
    if leftOut > 0 {
      tally.ledger.note(.unfinished, leftOut, "events beyond the first \(Self.most), left out")
    }
  }

  var counts: [Int] { lanes.map(\.count) }

  func time(of index: Int, in lane: Int) -> Timestamp { lanes[lane][index].time }

  func append(_ range: Range<Int>, of lane: Int, to batch: inout EventBatch) {
    let lane = lanes[lane]
    batch.append(lane.span.extracting(range))
  }
}

extension ReadTally {
  /// An event of any kind was met at `time`.
  @inline(__always)
  mutating func see(_ time: Timestamp) {
    events &+= 1
    if let last, let first {
      if time > last { self.last = time } else if time < first { self.first = time }
    } else {
      (first, last) = (time, time)
    }
  }
}
