internal import PollTrace

/// What `perf_event_open(2)` was asked for: which fields its samples have, in which order.
///
/// linux include/uapi/linux/perf_event.h, `struct perf_event_attr` and `PERF_RECORD_SAMPLE`.
struct PerfAttribute: Hashable {
  /// Bits of `sample_type`.
  struct Fields: OptionSet, Hashable {
    let rawValue: UInt64
    static let address = Fields(rawValue: 1 << 3)
    static let instruction = Fields(rawValue: 1 << 0)
    static let thread = Fields(rawValue: 1 << 1)
    static let time = Fields(rawValue: 1 << 2)
    static let counts = Fields(rawValue: 1 << 4)
    static let callChain = Fields(rawValue: 1 << 5)
    static let id = Fields(rawValue: 1 << 6)
    static let cpu = Fields(rawValue: 1 << 7)
    static let period = Fields(rawValue: 1 << 8)
    static let stream = Fields(rawValue: 1 << 9)
    static let raw = Fields(rawValue: 1 << 10)
    static let identifier = Fields(rawValue: 1 << 16)
  }

  var fields: Fields
  var readFormat: UInt64
  /// Whether records other than samples end with thread, time, id and CPU.
  var marksAll: Bool
  /// The clock asked for; nil for perf's own.
  var clock: Int32?
  /// Bytes of the structure in the file.
  var size: Int

  /// The attribute at `offset`; nil where it does not fit.
  init?(_ bytes: Bytes, _ offset: Int, isBigEndian: Bool) {
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ at: Int, _: Value.Type) -> Value {
      let value = bytes.load(offset + at, as: Value.self)
      return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
    }
    size = Int(load(4, UInt32.self))
    guard size >= 48, size <= 4_096, offset + size <= bytes.count else { return nil }
    fields = Fields(rawValue: load(24, UInt64.self))
    readFormat = load(32, UInt64.self)
    let flags = load(40, UInt64.self)
    // Bit fields count from the other end on big-endian machines.
    let flag = { (bit: UInt64) in flags >> (isBigEndian ? 63 - bit : bit) & 1 == 1 }
    marksAll = flag(18)
    clock = flag(25) && size >= 96 ? load(92, Int32.self) : nil
  }

  /// Where each field of a sample lies behind its header, up to those of varying length.
  struct Places: Hashable {
    var thread: Int?
    var time: Int?
    var cpu: Int?
    /// Where the counts, the call chain or the raw bytes begin.
    var rest: Int
  }

  /// The places in a sample.
  var places: Places {
    var places = Places(rest: 8)
    func step(_ field: Fields) -> Int? {
      guard fields.contains(field) else { return nil }
      defer { places.rest += 8 }
      return places.rest
    }
    _ = step(.identifier)
    _ = step(.instruction)
    places.thread = step(.thread)
    places.time = step(.time)
    _ = step(.address)
    _ = step(.id)
    _ = step(.stream)
    places.cpu = step(.cpu)
    _ = step(.period)
    return places
  }

  /// The places in the trailer of other records, counted back from their end.
  var trailer: (time: Int?, cpu: Int?) {
    var back = 0
    func step(_ field: Fields) -> Int? {
      guard fields.contains(field) else { return nil }
      back += 8
      return back
    }
    _ = step(.identifier)
    let cpu = step(.cpu)
    _ = step(.stream)
    _ = step(.id)
    let time = step(.time)
    return marksAll ? (time, cpu) : (nil, nil)
  }
}
