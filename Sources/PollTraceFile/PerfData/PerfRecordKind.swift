/// The kinds of record in a perf.data: the kernel's, and from 64 on perf's own.
///
/// linux include/uapi/linux/perf_event.h and tools/lib/perf/include/perf/event.h.
enum PerfRecordKind {
  static let lost: UInt32 = 2
  static let comm: UInt32 = 3
  static let fork: UInt32 = 7
  static let sample: UInt32 = 9
  static let lostSamples: UInt32 = 13
  /// The last of the kernel's that may be met; there is room for more to come.
  static let lastOfKernel: UInt32 = 40
  static let attribute: UInt32 = 64
  static let tracingData: UInt32 = 66
  static let finishedRound: UInt32 = 68
  static let auxTrace: UInt32 = 71
  static let feature: UInt32 = 80
  static let compressed: UInt32 = 81
  static let compressed2: UInt32 = 83
  static let lastOfPerf: UInt32 = 120

  /// Whether a record may be of this kind.
  static func isKnown(_ kind: UInt32) -> Bool {
    (1...lastOfKernel).contains(kind) || (attribute...lastOfPerf).contains(kind)
  }

  /// Where records go on behind `position`, at which none begins: where four follow each other.
  static func resume<Order: ByteOrder>(
    _ bytes: Bytes, from position: Int, _: Order.Type
  ) -> Int {
    var candidate = position + 4
    while candidate + 8 <= bytes.count {
      var next = candidate
      var records = 0
      while records < 4, next + 8 <= bytes.count {
        let kind = Order.native(bytes.load(next, as: UInt32.self))
        let size = Int(Order.native(bytes.load(next + 6, as: UInt16.self)))
        guard isKnown(kind), size >= 8, size % 4 == 0 else { break }
        next += size
        records += 1
      }
      if records == 4 || (records > 0 && next == bytes.count) { return candidate }
      candidate += 4
    }
    return bytes.count
  }
}
