internal import PollTrace

/// Where the samples about halts lie in a file, four bytes each: they are read again where needed.
///
/// Keeping the events themselves would take eight times the memory, and clearing that more time than
/// reading each sample twice.
struct PerfPlaces {
  /// A place is a quarter of the sample's position; from here on it is a number in `others`.
  static let firstOther: UInt32 = 1 << 31

  /// By lane, in order of time.
  private(set) var lanes: [[UInt32]] = []
  /// Events that no sample says: losses.
  private(set) var others: [Event] = []
  /// The last time of each lane, and whether one is out of order.
  private var last: [UInt64] = []
  private var isInOrder: [Bool] = []

  /// A new lane's number; it has room for `capacity` samples, more make it grow.
  mutating func addLane(capacity: Int) -> Int {
    lanes.append([])
    lanes[lanes.count - 1].reserveCapacity(capacity)
    last.append(0)
    isInOrder.append(true)
    return lanes.count - 1
  }

  /// Whether a sample at `position` has a place.
  static func holds(_ position: Int) -> Bool {
    position & 3 == 0 && position >> 2 < Int(firstOther)
  }

  /// Puts the sample at `position`, taken at `time`, into `lane`.
  @inline(__always)
  mutating func append(_ position: Int, at time: UInt64, lane: Int) {
    append(UInt32(truncatingIfNeeded: position >> 2), time, lane)
  }

  mutating func append(_ other: Event, lane: Int) {
    append(Self.firstOther + UInt32(others.count), other.time.rawValue, lane)
    others.append(other)
  }

  @inline(__always)
  private mutating func append(_ place: UInt32, _ time: UInt64, _ lane: Int) {
    if time < last[lane] { isInOrder[lane] = false }
    last[lane] = time
    lanes[lane].append(place)
  }

  /// The lanes that are not in order of time.
  var mixed: [Int] { isInOrder.indices.filter { !isInOrder[$0] } }

  /// Puts `lane`, whose places were at `times`, in order.
  mutating func sort(_ lane: Int, by times: [Timestamp]) {
    struct Stamped: Timed {
      var moment: Timestamp
      var place: UInt32
    }
    var stamped = zip(times, lanes[lane]).map { Stamped(moment: $0, place: $1) }
    var merger = RunMerger<Stamped>()
    merger.sort(&stamped, stamped.indices)
    lanes[lane] = stamped.map(\.place)
    isInOrder[lane] = true
  }
}

/// The events of a perf.data, read where they lie in the file.
struct PerfLanes: EventLanes {
  private(set) var places: PerfPlaces
  let tally: ReadTally
  let file: Bytes
  let attributes: PerfAttributes
  let layouts: RecordLayouts
  let isBigEndian: Bool

  init(
    places: PerfPlaces, tally: ReadTally, file: Bytes, attributes: PerfAttributes,
    layouts: RecordLayouts, isBigEndian: Bool
  ) {
    self.places = places
    self.tally = tally
    self.file = file
    self.attributes = attributes
    self.layouts = layouts
    self.isBigEndian = isBigEndian
  }

  /// Puts each lane in order of time.
  mutating func putInOrder() {
    for lane in places.mixed { places.sort(lane, by: places.lanes[lane].map { time(at: $0) }) }
  }

  var counts: [Int] { places.lanes.map(\.count) }
  var hasLosses: Bool { !places.others.isEmpty }

  func time(of index: Int, in lane: Int) -> Timestamp { time(at: places.lanes[lane][index]) }

  func time(at place: UInt32) -> Timestamp {
    isBigEndian ? time(at: place, BigEndian.self) : time(at: place, LittleEndian.self)
  }

  private func time<Order: ByteOrder>(at place: UInt32, _ order: Order.Type) -> Timestamp {
    if place >= PerfPlaces.firstOther {
      return places.others[Int(place - PerfPlaces.firstOther)].time
    }
    return Timestamp(sample(at: place, order)?.time ?? 0)
  }

  func append(_ range: Range<Int>, of lane: Int, to batch: inout EventBatch) {
    let lane = places.lanes[lane]
    if isBigEndian {
      append(lane.span.extracting(range), BigEndian.self, to: &batch)
    } else {
      append(lane.span.extracting(range), LittleEndian.self, to: &batch)
    }
  }

  private func append<Order: ByteOrder>(
    _ lane: Span<UInt32>, _ order: Order.Type, to batch: inout EventBatch
  ) {
    batch.reserve(lane.count)
    var filled = batch.count
    var room = batch.room.mutableSpan
    for index in lane.indices {
      let place = lane[index]
      if place >= PerfPlaces.firstOther {
        room[filled] = places.others[Int(place - PerfPlaces.firstOther)]
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
