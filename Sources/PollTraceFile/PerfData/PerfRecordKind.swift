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
}
