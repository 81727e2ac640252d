/// The records of wake-ups and decisions as 64-bit little-endian kernels write them from 4.7 on: all
/// fields at known places, so that four words and one comparison tell a record.
///
/// `Tests` compare with reading field by field.
struct UsualRecords: Sendable {
  /// The words that tell a record: its length in words and its type.
  let wakeup: UInt64
  let decision: UInt64
  /// Which bits of a record's first word they are: five of the header, sixteen of the type.
  static let shape: UInt64 = 0x0000_ffff_0000_001f
  /// How many bytes a record takes, its header included, and how many at least are read at once.
  static let wakeupSize = 24
  static let decisionSize = 28
  static let most = 32

  /// The time since the record before, of a record's first word.
  @inline(__always)
  static func delta(_ word: UInt64) -> UInt64 { word &>> 5 & 0x07ff_ffff }

  /// nil where the trace's layouts are others.
  init?(_ layouts: EventLayouts) {
    func matches(_ field: EventLayouts.Field, _ offset: Int, _ size: Int) -> Bool {
      field.offset == offset && field.size == size
    }
    let common = layouts.common
    guard let wakeup = layouts.wakeup, let decision = layouts.decision,
      let valid = wakeup.valid, matches(common.type, 0, 2), matches(common.pid, 4, 4),
      matches(wakeup.ns, 8, 8), matches(wakeup.waited, 16, 1), matches(valid, 17, 1),
      matches(decision.grow, 8, 1), matches(decision.vcpu, 12, 4), matches(decision.new, 16, 4),
      matches(decision.old, 20, 4),
      let first = layouts.kinds.firstIndex(of: .wakeup),
      let second = layouts.kinds.firstIndex(of: .decision),
      layouts.kinds.lastIndex(of: .wakeup) == first,
      layouts.kinds.lastIndex(of: .decision) == second
    else { return nil }
    self.wakeup = UInt64(first) << 32 | UInt64(Self.wakeupSize / 4 - 1)
    self.decision = UInt64(second) << 32 | UInt64(Self.decisionSize / 4 - 1)
  }
}
