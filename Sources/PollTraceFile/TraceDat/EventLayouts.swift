internal import PollTrace

/// Where the fields of the four events lie in this trace, looked up once.
struct EventLayouts: Sendable {
  /// Which of the events a record is.
  enum Kind: UInt8 { case other, wakeup, decision, waking, switched }

  typealias Field = EventFormat.Field

  /// The fields that every event begins with.
  struct Common: Sendable {
    var type = Field(offset: 0, size: 2, isSigned: false)
    var flags = Field(offset: 2, size: 1, isSigned: false)
    var pid = Field(offset: 4, size: 4, isSigned: true)
  }
  struct Wakeup: Sendable { var ns, waited: Field; var valid: Field? }
  struct Decision: Sendable { var grow, vcpu, new, old: Field }
  struct Waking: Sendable { var pid: Field; var target: Field? }
  struct Switch: Sendable { var previous, next, state: Field }

  private(set) var common = Common()
  private(set) var wakeup: Wakeup?
  private(set) var decision: Decision?
  private(set) var waking: Waking?
  private(set) var switched: Switch?
  /// By `common_type`: what the event is, and how long its record must be at least.
  private(set) var kinds: [Kind] = Array(repeating: .other, count: 1 << 16)
  private(set) var lengths: [Int] = [0, 0, 0, 0, 0]

  /// Takes in the format in `text`, if it is that of one of the four events.
  mutating func add(_ text: String, system: String) {
    guard let kind = Self.kind(of: text, system: system),
      let format = EventFormat(text, system: system)
    else { return }
    func fields(_ names: String...) -> [Field]? {
      let found = names.compactMap { format[$0] }
      return found.count == names.count ? found : nil
    }
    var used: [Field]
    switch kind {
    case .wakeup:
      guard let found = fields("ns", "waited") else { return }
      wakeup = Wakeup(ns: found[0], waited: found[1], valid: format["valid"])
      used = found + [format["valid"]].compactMap(\.self)
    case .decision:
      guard let found = fields("grow", "vcpu_id", "new", "old") else { return }
      decision = Decision(grow: found[0], vcpu: found[1], new: found[2], old: found[3])
      used = found
    case .waking:
      guard let found = fields("pid") else { return }
      waking = Waking(pid: found[0], target: format["target_cpu"])
      used = found + [format["target_cpu"]].compactMap(\.self)
    case .switched:
      guard let found = fields("prev_pid", "next_pid", "prev_state") else { return }
      switched = Switch(previous: found[0], next: found[1], state: found[2])
      used = found
    case .other:
      return
    }
    if let found = fields("common_type", "common_flags", "common_pid") {
      common = Common(type: found[0], flags: found[1], pid: found[2])
    }
    used += [common.flags, common.pid]
    kinds[Int(format.id)] = kind
    lengths[Int(kind.rawValue)] = used.map { $0.offset + $0.size }.max() ?? 0
  }

  /// Which event a format is of, told by its system and its name.
  private static func kind(of text: String, system: String) -> Kind? {
    guard let end = text.firstIndex(of: "\n") else { return nil }
    switch (system, text[..<end]) {
    case ("kvm", "name: kvm_vcpu_wakeup"): return .wakeup
    case ("kvm", "name: kvm_halt_poll_ns"): return .decision
    case ("sched", "name: sched_waking"): return .waking
    case ("sched", "name: sched_switch"): return .switched
    default: return nil
    }
  }
}

extension EventLayouts {
  /// The value of `field` in the record that begins at `start`.
  @inline(__always)
  static func value(_ field: Field, _ bytes: Bytes, _ start: Int, _ isBigEndian: Bool) -> UInt64 {
    let offset = start &+ field.offset
    switch field.size {
    case 1: return UInt64(bytes.load(offset, as: UInt8.self))
    case 2:
      let value = bytes.load(offset, as: UInt16.self)
      return UInt64(isBigEndian ? value.byteSwapped : value)
    case 4:
      let value = bytes.load(offset, as: UInt32.self)
      return UInt64(isBigEndian ? value.byteSwapped : value)
    default:
      let value = bytes.load(offset, as: UInt64.self)
      return isBigEndian ? value.byteSwapped : value
    }
  }

  /// The record's kind; `.other` where it is too short for what its type says.
  @inline(__always)
  func kind(_ bytes: Bytes, _ start: Int, _ length: Int, _ isBigEndian: Bool) -> Kind {
    let type = Int(truncatingIfNeeded: Self.value(common.type, bytes, start, isBigEndian))
    let kind = kinds[type & 0xffff]
    return lengths[Int(kind.rawValue)] <= length ? kind : .other
  }

  /// Appends the event in the record that begins at `start` to `events`.
  @inline(__always)
  func add(
    _ kind: Kind, _ bytes: Bytes, _ start: Int, at time: Timestamp, cpu: CPU,
    _ isBigEndian: Bool, to events: inout [Event]
  ) {
    func value(_ field: Field) -> UInt64 { Self.value(field, bytes, start, isBigEndian) }
    func number(_ field: Field) -> UInt32 { UInt32(truncatingIfNeeded: value(field)) }
    func thread(_ field: Field) -> ThreadID { ThreadID(Int32(truncatingIfNeeded: value(field))) }
    func add(of thread: ThreadID, _ kind: Event.Kind) {
      events.append(Event(time: time, cpu: cpu, thread: thread, kind: kind))
    }
    switch kind {
    case .wakeup:
      guard let wakeup else { return }
      add(
        of: thread(common.pid),
        .wakeup(
          block: Nanoseconds(value(wakeup.ns)),
          ending: value(wakeup.waited) == 0 ? .polled : .slept,
          isValid: wakeup.valid.map { value($0) != 0 } ?? true))
    case .decision:
      guard let decision else { return }
      add(
        of: thread(common.pid),
        .decision(
          PollTrace.Decision(
            value(decision.grow) != 0 ? .grow : .shrink, vcpu: number(decision.vcpu),
            old: number(decision.old), new: number(decision.new))))
    case .waking:
      guard let waking else { return }
      // TRACE_FLAG_HARDIRQ 0x08, TRACE_FLAG_SOFTIRQ 0x10 (linux include/linux/trace_events.h).
      let isInterrupt = value(common.flags) & 0x18 != 0
      add(
        of: thread(common.pid),
        .waking(
          woken: thread(waking.pid), target: CPU(waking.target.map(number) ?? cpu.rawValue),
          context: isInterrupt ? .interrupt : .task))
    case .switched:
      guard let switched else { return }
      // The low 7 bits are the sleeping states; a preempted task shows none of them, but a bit
      // above that moved over time (linux include/linux/sched.h, TASK_REPORT_MAX).
      add(
        of: thread(switched.previous),
        .switched(
          next: thread(switched.next), stillRunnable: value(switched.state) & 0x7f == 0))
    case .other:
      return
    }
  }
}
