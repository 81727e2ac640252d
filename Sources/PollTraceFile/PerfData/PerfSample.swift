/// Where the parts of a sample lie that say something about halts.
struct PerfSample {
  /// When it was taken; 0 where that was not recorded.
  var time: UInt64
  var hasTime: Bool
  var cpu: UInt32
  /// Where the event's own bytes begin, and how many they are.
  var event: Int
  var length: Int
}

extension PerfAttributes {
  /// CPUs beyond this are damage.
  static let mostCPUs: UInt32 = 1 << 16

  /// The sample in the record from `start` to `end`; nil where it has no bytes of an event's own, or
  /// is damaged.
  @inline(__always)
  func sample<Order: ByteOrder>(
    _ bytes: Bytes, _ start: Int, _ end: Int, _ order: Order.Type
  ) -> PerfSample? {
    func number(_ offset: Int) -> UInt64 {
      Order.native(bytes.load(start &+ offset, as: UInt64.self))
    }
    var index = 0
    if id >= 0 {
      guard let found = layout(ofID: number(id)) else { return nil }
      index = found
    }
    guard index < layouts.count else { return nil }
    let layout = layouts[index]
    // Events without bytes of their own, as of a counter, say nothing about halts.
    guard layout.raw >= 0 else { return nil }
    let raw =
      layout.raw == Int.max
      ? layout.rawOffset(bytes, start, end, order) ?? end : start &+ layout.raw
    let length = Int(Order.native(bytes.load(raw, as: UInt32.self)))
    let cpu =
      layout.cpu < 0 ? 0 : Order.native(bytes.load(start &+ layout.cpu, as: UInt32.self))
    guard raw &+ 4 <= end, length <= end &- raw &- 4, cpu < Self.mostCPUs else { return nil }
    let hasTime = layout.time >= 0
    return PerfSample(
      time: hasTime ? number(layout.time) : 0, hasTime: hasTime, cpu: cpu, event: raw &+ 4,
      length: length)
  }

  /// What is wrong with a record that has no sample; nil where its event has no bytes of its own.
  func problem<Order: ByteOrder>(
    _ bytes: Bytes, _ start: Int, _ end: Int, _ order: Order.Type
  ) -> String? {
    func number(_ offset: Int) -> UInt64 {
      Order.native(bytes.load(start + offset, as: UInt64.self))
    }
    guard let index = id < 0 ? 0 : layout(ofID: number(id)) else {
      return "a sample of an event that was not announced"
    }
    guard index < layouts.count else { return "a sample before the formats of events" }
    let layout = layouts[index]
    guard layout.raw >= 0 else { return nil }
    if layout.cpu >= 0 {
      let cpu = Order.native(bytes.load(start + layout.cpu, as: UInt32.self))
      if cpu >= Self.mostCPUs { return "a sample of CPU \(cpu)" }
    }
    return "expected a sample's data, found its end after \(end - start) bytes"
  }
}
