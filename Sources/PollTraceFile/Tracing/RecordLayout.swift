internal import PollTrace

/// Some bits of the eight bytes that end where a field ends: what reading the field comes to.
///
/// They end there, as before a record there is always a page's header, behind it perhaps nothing.
struct RecordField: Sendable {
  private var offset = 0
  private var shift: UInt64 = 0
  private var mask: UInt64 = 0

  /// A field that is always 0.
  init() {}

  /// The bits `mask` of `field`.
  init(_ field: EventLayouts.Field, mask: UInt64 = .max, isBigEndian: Bool) {
    let size = [1, 2, 4].contains(field.size) ? field.size : 8
    offset = field.offset + size - 8
    shift = isBigEndian ? 0 : UInt64(64 - 8 * size)
    self.mask = UInt64.max >> UInt64(64 - 8 * size) & mask
  }

  /// Its value in the record that begins at `start`.
  @inline(__always)
  func value<Order: ByteOrder>(_ bytes: Bytes, _ start: Int, _: Order.Type) -> UInt64 {
    Order.native(bytes.load(start &+ offset, as: UInt64.self)) &>> shift & mask
  }
}

/// The fields of a trace's records, as the loop over them reads them.
struct RecordLayouts: Sendable {
  private typealias Field = RecordField

  /// TRACE_FLAG_HARDIRQ and TRACE_FLAG_SOFTIRQ (linux include/linux/trace_events.h).
  static let interruptFlags: UInt64 = 0x08 | 0x10

  /// TRACE_FLAG_NEED_RESCHED, the same place.
  private static let workFlag: UInt64 = 0x04

  /// What the trace says of its events.
  let described: DescribedEvents
  private var type: RecordField
  /// By type: what the event is.
  private var kinds: [EventLayouts.Kind]
  /// By kind: how many bytes the record has at least.
  private var lengths: [9 of Int]
  private var pid = RecordField()
  private var wakeup = (ns: RecordField(), waited: RecordField(), valid: RecordField())
  /// Kernels before 4.7 do not say whether a wake-up was valid.
  private var isAlwaysValid = true
  private var decision = (
    grow: RecordField(), vcpu: RecordField(), new: RecordField(), old: RecordField()
  )
  private var waking = (pid: RecordField(), target: RecordField(), context: RecordField())
  private var hasTarget = false
  private var switched = (previous: RecordField(), next: RecordField(), state: RecordField())
  private var guestDecision = (grow: RecordField(), new: RecordField(), old: RecordField())
  private var idle = (state: RecordField(), work: RecordField())
  private var interrupted = RecordField()
  private var accepted = RecordField()

  init(_ layouts: EventLayouts, _ described: DescribedEvents = .all, isBigEndian: Bool) {
    self.described = described
    func field(_ field: EventLayouts.Field, mask: UInt64 = .max) -> RecordField {
      RecordField(field, mask: mask, isBigEndian: isBigEndian)
    }
    type = field(layouts.common.type, mask: 0xffff)
    kinds = layouts.kinds
    lengths = InlineArray { layouts.lengths[$0] }
    pid = field(layouts.common.pid)
    if let found = layouts.wakeup {
      isAlwaysValid = found.valid == nil
      wakeup = (field(found.ns), field(found.waited), found.valid.map { field($0) } ?? Field())
    }
    if let found = layouts.decision {
      decision = (field(found.grow), field(found.vcpu), field(found.new), field(found.old))
    }
    if let found = layouts.waking {
      hasTarget = found.target != nil
      waking = (
        field(found.pid), found.target.map { field($0) } ?? Field(),
        field(layouts.common.flags, mask: Self.interruptFlags)
      )
    }
    if let found = layouts.switched {
      // The low 7 bits are the sleeping states; a preempted task shows none of them, but a bit
      // above that moved over time (linux include/linux/sched.h, TASK_REPORT_MAX).
      switched = (field(found.previous), field(found.next), field(found.state, mask: 0x7f))
    }
    if let found = layouts.guestDecision {
      guestDecision = (field(found.grow), field(found.new), field(found.old))
    }
    if let found = layouts.idle {
      idle = (field(found), field(layouts.common.flags, mask: Self.workFlag))
    }
    if let found = layouts.interrupted { interrupted = field(found) }
    if let found = layouts.accepted { accepted = field(found) }
  }

  /// Whether the record at `start`, which holds no event about halts, should: nothing describes its
  /// type, or it is too short for it.
  @inline(__always)
  func isOdd<Order: ByteOrder>(_ bytes: Bytes, _ start: Int, _ order: Order.Type) -> Bool {
    let type = typeNumber(bytes, start, order)
    return kinds[Int(type)] != .other || !described.contains(type)
  }

  /// The type of the record at `start`.
  @inline(__always)
  func typeNumber<Order: ByteOrder>(_ bytes: Bytes, _ start: Int, _ order: Order.Type) -> UInt16 {
    UInt16(truncatingIfNeeded: type.value(bytes, start, order))
  }

  /// Whether the record of `length` bytes at `start` says something about halts.
  @inline(__always)
  func hasEvent<Order: ByteOrder>(
    _ bytes: Bytes, _ start: Int, _ length: Int, _ order: Order.Type
  ) -> Bool {
    let kind = kinds[Int(typeNumber(bytes, start, order))]
    return kind != .other && lengths[Int(kind.rawValue)] <= length
  }

  /// Puts the event in the record of `length` bytes at `start` into `event`; false where it says
  /// nothing about halts or is too short for what its type says.
  @inline(__always)
  func read<Order: ByteOrder>(
    _ event: inout Event, _ bytes: Bytes, _ start: Int, _ length: Int, _ order: Order.Type
  ) -> Bool {
    func value(_ field: RecordField) -> UInt64 { field.value(bytes, start, order) }
    func thread(_ field: RecordField) -> ThreadID {
      ThreadID(Int32(truncatingIfNeeded: value(field)))
    }
    let kind = kinds[Int(truncatingIfNeeded: value(type))]
    guard lengths[Int(kind.rawValue)] <= length else { return false }
    // Field by field: an initializer of another module would be called.
    switch kind {
    case .wakeup:
      event.what = .wakeup
      event.number = 0
      event.subject = thread(pid)
      event.value = value(wakeup.ns)
      event.flag = value(wakeup.waited) != 0
      event.isValid = isAlwaysValid || value(wakeup.valid) != 0
    case .decision:
      event.what = .decision
      event.subject = thread(pid)
      event.value = value(decision.new) & 0xffff_ffff | value(decision.old) << 32
      event.number = UInt32(truncatingIfNeeded: value(decision.vcpu))
      event.flag = value(decision.grow) != 0
    case .waking:
      event.what = .waking
      event.subject = thread(waking.pid)
      event.value = value(pid)
      event.number =
        hasTarget ? UInt32(truncatingIfNeeded: value(waking.target)) : event.cpu.rawValue
      event.flag = value(waking.context) != 0
      event.isValid = true
    case .switched:
      event.what = .switched
      event.number = 0
      event.subject = thread(switched.previous)
      event.value = value(switched.next)
      event.flag = value(switched.state) != 0
    case .guestDecision:
      event.what = .guestDecision
      event.subject = .idle
      event.value = value(guestDecision.new) & 0xffff_ffff | value(guestDecision.old) << 32
      event.flag = value(guestDecision.grow) != 0
      event.isValid = true
    case .idle:
      event.what = .idle
      event.subject = .idle
      event.number = UInt32(truncatingIfNeeded: value(idle.state))
      event.flag = value(idle.work) != 0
      event.isValid = true
    case .interrupted:
      event.what = .interrupted
      event.subject = .idle
      event.number = UInt32(truncatingIfNeeded: value(interrupted))
    case .accepted:
      event.what = .accepted
      event.subject = .idle
      event.value = value(pid)
      event.number = UInt32(truncatingIfNeeded: value(accepted))
    case .other: return false
    }
    return true
  }
}
