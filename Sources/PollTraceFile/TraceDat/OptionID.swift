/// The numbers of trace.dat's options (trace-cmd.dat.v7.5, section "OPTIONS").
enum OptionID {
  static let done: UInt16 = 0
  static let date: UInt16 = 1
  static let cpuStat: UInt16 = 2
  static let buffer: UInt16 = 3
  static let traceClock: UInt16 = 4
  static let uname: UInt16 = 5
  static let hook: UInt16 = 6
  static let offset: UInt16 = 7
  static let cpuCount: UInt16 = 8
  static let version: UInt16 = 9
  static let processMaps: UInt16 = 10
  static let traceID: UInt16 = 11
  static let timeShift: UInt16 = 12
  static let guest: UInt16 = 13
  static let tsc2nsec: UInt16 = 14
  static let strings: UInt16 = 15
  static let headerInfo: UInt16 = 16
  static let ftraceEvents: UInt16 = 17
  static let eventFormats: UInt16 = 18
  static let kallsyms: UInt16 = 19
  static let printk: UInt16 = 20
  static let names: UInt16 = 21
  static let bufferText: UInt16 = 22
  static let btf: UInt16 = 23
  static let lastBoot: UInt16 = 24
  static let modules: UInt16 = 25

  /// Whether the number is in the document; others are skipped with a note.
  static func isKnown(_ id: UInt16) -> Bool { (done...modules).contains(id) }
}
