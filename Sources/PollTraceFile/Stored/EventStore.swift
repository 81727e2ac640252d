internal import PollTrace

/// Events in memory, 32 bytes each: of formats whose events cannot be read again one by one.
struct EventStore: EventStreams {
  private var streams: [[Event]] = []
  var tally = ReadTally()
  /// How many events are kept.
  private(set) var count = 0
  /// More are not kept: 4 GiB.
  static let most = 1 << 27
  /// How many were left out for that.
  private var leftOut: UInt64 = 0
  private(set) var hasLosses = false
  /// The last time of each stream, and whether one is out of order.
  private var last: [Timestamp] = []
  private var isInOrder: [Bool] = []

  /// A new stream's number; it has room for `capacity` events, more make it grow.
  mutating func addStream(capacity: Int = 0) -> Int {
    streams.append([])
    streams[streams.count - 1].reserveCapacity(min(capacity, Self.most))
    last.append(Timestamp(0))
    isInOrder.append(true)
    return streams.count - 1
  }

  /// Puts `event` into stream `stream`.
  @inline(__always)
  mutating func append(_ event: Event, stream: Int) {
    guard count < Self.most else {
      leftOut += 1
      return
    }
    count &+= 1
    if event.what == .lost { hasLosses = true }
    if event.time < last[stream] { isInOrder[stream] = false }
    last[stream] = event.time
    streams[stream].append(event)
  }

  /// All is in: puts each stream in order.
  mutating func finish() {
    for stream in streams.indices where !isInOrder[stream] {
      var merger = RunMerger<Event>()
      merger.sort(&streams[stream], streams[stream].indices)
    }
    if leftOut > 0 {
      tally.ledger.note(.unfinished, leftOut, "events beyond the first \(Self.most), left out")
    }
  }

  var counts: [Int] { streams.map(\.count) }

  func time(of index: Int, in stream: Int) -> Timestamp { streams[stream][index].time }

  func append(_ range: Range<Int>, of stream: Int, to batch: inout EventBatch) {
    let stream = streams[stream]
    batch.append(stream.span.extracting(range))
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
