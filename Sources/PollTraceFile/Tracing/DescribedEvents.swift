internal import PollTrace

/// The events that a trace.dat describes, by id: a record of another is damage, or nobody stored its
/// format.
struct DescribedEvents: Sendable {
  private var isKnown: [Bool]
  /// Descriptions of halts' events in systems that are not theirs.
  private(set) var ledger = Ledger()

  /// All: for formats of trace whose records say what they are.
  static let all = Self(isKnown: Array(repeating: true, count: 1 << 16))

  private init(isKnown: [Bool]) { self.isKnown = isKnown }

  /// Those that `formats` describe; `layouts` is what was understood of them.
  init(_ formats: [(system: String, text: Bytes)], _ layouts: EventLayouts) {
    isKnown = Array(repeating: false, count: 1 << 16)
    let halts: [(name: String, isUsable: Bool)] = [
      ("kvm_vcpu_wakeup", layouts.wakeup != nil), ("kvm_halt_poll_ns", layouts.decision != nil),
      ("sched_waking", layouts.waking != nil), ("sched_switch", layouts.switched != nil),
    ]
    for (system, text) in formats {
      if let id = Self.id(in: text) { isKnown[Int(id)] = true }
      for (name, isUsable) in halts
      where !isUsable && system != "kvm" && system != "sched"
        && text.starts(with: Array("name: \(name)\n".utf8))
      {
        ledger.note(
          .damaged, 1,
          "format of \(name): expected in its system, found in '\(system.prefix(40))'")
      }
    }
  }

  /// Whether an event with this `common_type` is described.
  func contains(_ type: UInt16) -> Bool { isKnown[Int(type)] }

  private static func id(in text: Bytes) -> UInt16? {
    guard let line = text.find("\nID: ", from: 0, within: 256) else { return nil }
    var id: UInt32 = 0
    var position = line + 5
    while case let digit = text.load(position, as: UInt8.self), (0x30...0x39).contains(digit),
      id < 1 << 16
    {
      id = id * 10 + UInt32(digit - 0x30)
      position += 1
    }
    return UInt16(exactly: id)
  }
}
