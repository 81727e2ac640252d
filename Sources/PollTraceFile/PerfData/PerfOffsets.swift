internal import PollTrace

/// Where the samples about halts lie in a file, four bytes each: they are read again where needed.
///
/// Keeping the events themselves would take eight times the memory, and clearing that more time than
/// reading each sample twice.
struct PerfOffsets {
  /// A place is a quarter of the sample's position; from here on it is a number in `others`.
  static let firstOther: UInt32 = 1 << 31

  /// By stream, in order of time.
  private(set) var streams: [[UInt32]] = []
  /// Events that no sample says: losses.
  private(set) var others: [Event] = []
  /// The last time of each stream, and whether one is out of order.
  private var last: [UInt64] = []
  private var isInOrder: [Bool] = []

  /// A new stream's number; it has room for `capacity` samples, more make it grow.
  mutating func addStream(capacity: Int) -> Int {
    streams.append([])
    streams[streams.count - 1].reserveCapacity(capacity)
    last.append(0)
    isInOrder.append(true)
    return streams.count - 1
  }

  /// Whether a sample at `position` has a place.
  static func holds(_ position: Int) -> Bool {
    position & 3 == 0 && position >> 2 < Int(firstOther)
  }

  /// Puts the sample at `position`, taken at `time`, into `stream`.
  @inline(__always)
  mutating func append(_ position: Int, at time: UInt64, stream: Int) {
    append(UInt32(truncatingIfNeeded: position >> 2), time, stream)
  }

  mutating func append(_ other: Event, stream: Int) {
    append(Self.firstOther + UInt32(others.count), other.time.rawValue, stream)
    others.append(other)
  }

  @inline(__always)
  private mutating func append(_ place: UInt32, _ time: UInt64, _ stream: Int) {
    if time < last[stream] { isInOrder[stream] = false }
    last[stream] = time
    streams[stream].append(place)
  }

  /// The streams that are not in order of time.
  var mixed: [Int] { isInOrder.indices.filter { !isInOrder[$0] } }

  /// Puts `stream`, whose places were at `times`, in order.
  mutating func sort(_ stream: Int, by times: [Timestamp]) {
    struct Stamped: Timed {
      var moment: Timestamp
      var place: UInt32
    }
    var stamped = zip(times, streams[stream]).map { Stamped(moment: $0, place: $1) }
    var merger = RunMerger<Stamped>()
    merger.sort(&stamped, stamped.indices)
    streams[stream] = stamped.map(\.place)
    isInOrder[stream] = true
  }
}

/// The events of a perf.data, read where they lie in the file.
struct PerfStreams: EventStreams {
  private(set) var places: PerfOffsets
  let tally: ReadTally
  let file: Bytes
  let attributes: PerfAttributes
  let layouts: RecordLayouts
  let isBigEndian: Bool

  init(
    places: PerfOffsets, tally: ReadTally, file: Bytes, attributes: PerfAttributes,
    layouts: RecordLayouts, isBigEndian: Bool
  ) {
    self.places = places
    self.tally = tally
    self.file = file
    self.attributes = attributes
    self.layouts = layouts
    self.isBigEndian = isBigEndian
  }

  /// Puts each stream in order of time.
  mutating func putInOrder() {
    for stream in places.mixed {
      places.sort(stream, by: places.streams[stream].map { time(at: $0) })
    }
  }

  var counts: [Int] { places.streams.map(\.count) }
  var hasLosses: Bool { !places.others.isEmpty }

  func time(of index: Int, in stream: Int) -> Timestamp { time(at: places.streams[stream][index]) }

  func time(at place: UInt32) -> Timestamp {
    isBigEndian ? time(at: place, BigEndian.self) : time(at: place, LittleEndian.self)
  }

  private func time<Order: ByteOrder>(at place: UInt32, _ order: Order.Type) -> Timestamp {
    if place >= PerfOffsets.firstOther {
      return places.others[Int(place - PerfOffsets.firstOther)].time
    }
    return Timestamp(sample(at: place, order)?.time ?? 0)
  }

  func append(_ range: Range<Int>, of stream: Int, to batch: inout EventBatch) {
    let stream = places.streams[stream]
    if isBigEndian {
      append(stream.span.extracting(range), BigEndian.self, to: &batch)
    } else {
      append(stream.span.extracting(range), LittleEndian.self, to: &batch)
    }
  }

  private func append<Order: ByteOrder>(
    _ stream: Span<UInt32>, _ order: Order.Type, to batch: inout EventBatch
  ) {
    batch.reserve(stream.count)
    var filled = batch.count
    var room = batch.room.mutableSpan
    for index in stream.indices {
      let place = stream[index]
      if place >= PerfOffsets.firstOther {
        room[filled] = places.others[Int(place - PerfOffsets.firstOther)]
        filled &+= 1
      } else if let sample = sample(at: place, order) {
        room[filled].time.rawValue = sample.time
        room[filled].cpu = CPU(sample.cpu)
        if layouts.read(&room[filled], file, sample.event, sample.length, order) { filled &+= 1 }
      }
    }
    batch.fill(to: filled)
  }

  @inline(__always)
  private func sample<Order: ByteOrder>(
    at place: UInt32, _ order: Order.Type
  ) -> PerfSample? {
    let start = Int(place) &* 4
    let size = Int(Order.native(file.load(start &+ 6, as: UInt16.self)))
    return attributes.sample(file, start, start &+ size, order)
  }
}
