internal import PollTrace

/// Where an event's fields lie in its record, each as some bits of a 64-bit word.
///
/// All kinds of events have the same fields here, so that decoding asks nothing: a field that a kind
/// does not have is no bit of whatever word.
struct RecordLayout: Sendable {
  /// Some bits of the eight bytes that end where a field ends, and bits that are always there.
  ///
  /// They end there, as before a record there is always a page's header, behind it perhaps nothing.
  struct Word: Sendable {
    private var offset = 0
    private var mask: UInt64 = 0
    private var constant: UInt64 = 0
    private var shift: UInt64 = 0

    /// Always `constant`.
    init(constant: UInt64 = 0) { self.constant = constant }

    /// The bits `mask` of `field`.
    init(_ field: EventLayouts.Field, mask: UInt64 = .max, isBigEndian: Bool) {
      let size = [1, 2, 4].contains(field.size) ? field.size : 8
      offset = field.offset + size - 8
      shift = isBigEndian ? 0 : UInt64(64 - 8 * size)
      self.mask = UInt64.max >> UInt64(64 - 8 * size) & mask
    }

    /// Its value in the record that begins at `start`.
    @inline(__always)
    func value(_ bytes: Bytes, _ start: Int, _ isBigEndian: Bool) -> UInt64 {
      let word = bytes.word(start &+ offset)
      return (isBigEndian ? word.byteSwapped : word) &>> shift & mask | constant
    }
  }

  /// Whether the event says something about halts.
  private(set) var isOfHalts = false
  /// What the event is.
  private var template = Event(
    time: Timestamp(0), cpu: CPU(0), thread: .idle, kind: .lost(count: nil))
  /// How many bytes its record has at least.
  private(set) var length = 0
  private var subject = Word()
  private var low = Word()
  private var high = Word()
  private var number = Word()
  private var flag = Word()
  private var valid = Word(constant: 1)

  /// Of records that say nothing about halts.
  init() {}

  /// Of the records of `kind`, where their fields are known.
  init(_ kind: EventLayouts.Kind, in layouts: EventLayouts, isBigEndian: Bool) {
    func word(_ field: EventLayouts.Field, mask: UInt64 = .max) -> Word {
      Word(field, mask: mask, isBigEndian: isBigEndian)
    }
    length = layouts.lengths[Int(kind.rawValue)]
    subject = word(layouts.common.pid)
    switch kind {
    case .wakeup:
      guard let fields = layouts.wakeup else { return }
      template.what = .wakeup
      low = word(fields.ns)
      flag = word(fields.waited)
      if let field = fields.valid { valid = word(field) }
    case .decision:
      guard let fields = layouts.decision else { return }
      template.what = .decision
      low = word(fields.new, mask: 0xffff_ffff)
      high = word(fields.old, mask: 0xffff_ffff)
      number = word(fields.vcpu)
      flag = word(fields.grow)
    case .waking:
      guard let fields = layouts.waking else { return }
      template.what = .waking
      subject = word(fields.pid)
      low = word(layouts.common.pid)
      // An unknown CPU is none.
      number = fields.target.map { word($0) } ?? Word(constant: .max)
      // TRACE_FLAG_HARDIRQ 0x08, TRACE_FLAG_SOFTIRQ 0x10 (linux include/linux/trace_events.h).
      flag = word(layouts.common.flags, mask: 0x18)
    case .switched:
      guard let fields = layouts.switched else { return }
      template.what = .switched
      subject = word(fields.previous)
      low = word(fields.next)
      // The low 7 bits are the sleeping states; a preempted task shows none of them, but a bit
      // above that moved over time (linux include/linux/sched.h, TASK_REPORT_MAX).
      flag = word(fields.state, mask: 0x7f)
    case .other: return
    }
    isOfHalts = true
  }

  /// The event in the record that begins at `start`.
  @inline(__always)
  func event(
    _ bytes: Bytes, _ start: Int, at time: Timestamp, cpu: CPU, _ isBigEndian: Bool
  ) -> Event {
    func value(_ word: Word) -> UInt64 { word.value(bytes, start, isBigEndian) }
    // Field by field: an initializer of another module would be called.
    var event = template
    event.time = time
    event.cpu = cpu
    event.subject = ThreadID(Int32(truncatingIfNeeded: value(subject)))
    event.value = value(low) | value(high) << 32
    event.number = UInt32(truncatingIfNeeded: value(number))
    event.flag = value(flag) != 0
    event.isValid = value(valid) != 0
    return event
  }
}

/// The layouts of a trace's records, found by the number that each record begins with.
struct RecordLayouts: Sendable {
  /// By `EventLayouts.Kind`.
  private var layouts: [RecordLayout]
  private var kinds: [EventLayouts.Kind]
  private var type: RecordLayout.Word

  init(_ events: EventLayouts, isBigEndian: Bool) {
    kinds = events.kinds
    type = RecordLayout.Word(events.common.type, mask: 0xffff, isBigEndian: isBigEndian)
    layouts = [.other, .wakeup, .decision, .waking, .switched].map {
      RecordLayout($0, in: events, isBigEndian: isBigEndian)
    }
  }

  /// The event in the record of `length` bytes at `start`; nil where it says nothing about halts or
  /// is too short for what its type says.
  @inline(__always)
  func event(
    _ bytes: Bytes, _ start: Int, _ length: Int, at time: Timestamp, cpu: CPU,
    _ isBigEndian: Bool
  ) -> Event? {
    let kind = kinds[Int(truncatingIfNeeded: type.value(bytes, start, isBigEndian))]
    let layout = layouts[Int(kind.rawValue)]
    guard layout.isOfHalts, layout.length <= length else { return nil }
    return layout.event(bytes, start, at: time, cpu: cpu, isBigEndian)
  }
}
