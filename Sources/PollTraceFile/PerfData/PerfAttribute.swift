/// How one event was recorded: what perf asked the kernel for (`struct perf_event_attr`).
///
/// linux include/uapi/linux/perf_event.h. Its first version has 64 bytes.
struct PerfAttribute: Hashable, Sendable {
  static let leastSize = 64

  /// The tracepoint's number; nil for an event that is none.
  let tracepoint: UInt64?
  /// A sample is taken once in so many events.
  let period: UInt64
  /// Whether the period is a number of samples a second instead.
  let isFrequency: Bool
  let sampleType: UInt64
  let readFormat: UInt64
  /// Whether records other than samples end with a part of what a sample begins with.
  let hasTrailers: Bool
  /// Which clock stamps; nil for perf's own.
  let clock: Int32?

  /// The attribute in `bytes`; nil where they are too few.
  init?(_ bytes: Bytes, isBigEndian: Bool) {
    var reader = ByteReader(bytes, isBigEndian: isBigEndian)
    let type = try? reader.next(UInt32.self)
    reader = ByteReader(bytes, isBigEndian: isBigEndian, from: 8)
    tracepoint = type == 2 ? try? reader.next(UInt64.self) : nil
    reader = ByteReader(bytes, isBigEndian: isBigEndian, from: 16)
    guard bytes.count >= Self.leastSize, let period = try? reader.next(UInt64.self),
      let sampleType = try? reader.next(UInt64.self),
      let readFormat = try? reader.next(UInt64.self)
    else { return nil }
    self.period = period
    self.sampleType = sampleType
    self.readFormat = readFormat
    // The bits stand in the order of the machine that recorded, from its end of each byte.
    func bit(_ number: Int) -> Bool {
      let byte = bytes.load(40 + number / 8, as: UInt8.self)
      return byte >> UInt8(isBigEndian ? 7 - number % 8 : number % 8) & 1 != 0
    }
    isFrequency = bit(10)
    hasTrailers = bit(18)
    reader = ByteReader(bytes, isBigEndian: isBigEndian, from: 92)
    clock = bit(25) ? try? reader.next(Int32.self) : nil
  }

  /// Which of its events have no sample, in the words of `perf record`; nil where each has one.
  var sampling: String? {
    if isFrequency { return "-F \(period), samples a second" }
    return period > 1 ? "-c \(period), one sample in so many events" : nil
  }

  /// The name of the clock, as tracefs calls it where it has it (linux include/uapi/linux/time.h).
  var clockName: String {
    switch clock {
    case nil: "perf"
    case 0: "realtime"
    case 1: "mono"
    case 4: "mono_raw"
    case 7: "boot"
    case 11: "tai"
    case .some(let number): "clock \(number)"
    }
  }
}

/// Where the parts of a sample lie, counted from the begin of its record.
///
/// linux include/uapi/linux/perf_event.h, PERF_RECORD_SAMPLE: what its type asks for, in the order
/// of the bits but for the identifier, which is the first.
struct PerfSampleLayout: Hashable, Sendable {
  private enum Bit {
    static let ip: UInt64 = 1 << 0, tid: UInt64 = 1 << 1, time: UInt64 = 1 << 2
    static let address: UInt64 = 1 << 3, read: UInt64 = 1 << 4, callchain: UInt64 = 1 << 5
    static let id: UInt64 = 1 << 6, cpu: UInt64 = 1 << 7, period: UInt64 = 1 << 8
    static let stream: UInt64 = 1 << 9, raw: UInt64 = 1 << 10, identifier: UInt64 = 1 << 16
  }

  /// -1 for a part that is not there.
  private(set) var id = -1
  private(set) var time = -1
  private(set) var cpu = -1
  /// Where the event's own bytes are announced, if nothing of varying length precedes them.
  private(set) var raw = -1
  /// What of varying length precedes them.
  private let read: UInt64?
  private let hasCallchain: Bool
  /// Where the parts of varying length begin.
  private var varying: Int
  /// Where CPU and time lie in the trailer of another record, counted back from its end.
  private(set) var trailerCPU = 0
  private(set) var trailerTime = 0

  init(_ attribute: PerfAttribute) {
    let type = attribute.sampleType
    var offset = 8
    func has(_ bit: UInt64) -> Bool { type & bit != 0 }
    /// The place of a part of eight bytes, if it is there.
    func part(_ bit: UInt64) -> Int {
      guard has(bit) else { return -1 }
      defer { offset += 8 }
      return offset
    }
    let identifier = part(Bit.identifier)
    _ = part(Bit.ip)
    _ = part(Bit.tid)
    time = part(Bit.time)
    _ = part(Bit.address)
    let id = part(Bit.id)
    self.id = identifier >= 0 ? identifier : id
    _ = part(Bit.stream)
    cpu = part(Bit.cpu)
    _ = part(Bit.period)
    varying = offset
    read = has(Bit.read) ? attribute.readFormat : nil
    hasCallchain = has(Bit.callchain)
    raw = !has(Bit.raw) ? -1 : read == nil && !hasCallchain ? offset : Int.max
    guard attribute.hasTrailers else { return }
    var back = 0
    for bit in [Bit.identifier, Bit.cpu, Bit.stream, Bit.id, Bit.time] where has(bit) {
      back += 8
      if bit == Bit.cpu { trailerCPU = back }
      if bit == Bit.time { trailerTime = back }
    }
  }

  /// Where the event's own bytes are announced in the record from `start` to `end`, which may have
  /// parts of varying length; nil where they reach beyond it, or there are none.
  func rawOffset<Order: ByteOrder>(
    _ bytes: Bytes, _ start: Int, _ end: Int, _: Order.Type
  ) -> Int? {
    guard raw >= 0 else { return nil }
    var position = start + varying
    func count() -> Int? {
      let count = Order.native(bytes.load(position, as: UInt64.self))
      position += 8
      return position <= end && count <= UInt64(end - position) / 8 ? Int(count) : nil
    }
    if let read {
      // PERF_FORMAT_*: times enabled and running, the id, the group, the lost.
      let times = 8 * ((read & 3).nonzeroBitCount)
      let each = 8 * (1 + (read & 0b1_0100).nonzeroBitCount)
      var counters = 1
      if read & 8 != 0 {
        guard let found = count() else { return nil }
        counters = found
      }
      guard counters <= (end - start) / 8 else { return nil }
      position += times + counters * each
    }
    if hasCallchain {
      guard position <= end, let found = count() else { return nil }
      position += 8 * found
    }
    return position <= end ? position : nil
  }
}
