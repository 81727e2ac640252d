internal import PollTrace

/// The bodies of the four events as kernels, trace-cmd (also `-R`) and perf print them.
///
/// linux include/trace/events/kvm.h, include/trace/events/sched.h.
enum TextEvent {
  /// The event of a line; nil where its body cannot be understood.
  static func event(_ line: TextLine) -> Event? {
    let kind: Event.Kind? =
      switch line.name {
      case .wakeup: wakeup(line.body)
      case .decision: decision(line.body)
      case .waking: waking(line)
      case .switched: switched(line.body)
      case .other: nil
      }
    return kind.map { Event(time: line.time, cpu: line.cpu, thread: line.thread, kind: $0) }
  }

  /// `wait time 94651 ns, polling valid`; before 4.7 without the second half; `ns=94651 waited=1
  /// valid=1` as `-R` writes it.
  private static func wakeup(_ body: TextCursor) -> Event.Kind? {
    var cursor = body
    cursor.skipSpaces()
    var ending = Halt.Ending.slept
    if cursor.skip("wait time ") {
    } else if cursor.skip("poll time ") {
      ending = .polled
    } else {
      guard let block = cursor.value(of: "ns="), let waited = cursor.value(of: "waited=") else {
        return nil
      }
      let isValid = cursor.value(of: "valid=").map { $0 != 0 } ?? true
      return .wakeup(
        block: Nanoseconds(block), ending: waited == 0 ? .polled : .slept, isValid: isValid)
    }
    guard let block = cursor.number(), cursor.skip(" ns") else { return nil }
    let isInvalid = cursor.skip(", polling invalid")
    return .wakeup(block: Nanoseconds(block), ending: ending, isValid: !isInvalid)
  }

  /// `vcpu 1: halt_poll_ns 20000 (grow 10000)`; `grow=1 vcpu_id=1 new=20000 old=10000` with `-R`.
  private static func decision(_ body: TextCursor) -> Event.Kind? {
    var cursor = body
    cursor.skipSpaces()
    if cursor.skip("vcpu ") {
      guard let vcpu = cursor.number(), cursor.skip(": halt_poll_ns "),
        let new = cursor.number(), cursor.skip(" (")
      else { return nil }
      let grows = cursor.skip("grow ")
      guard grows || cursor.skip("shrink "), let old = cursor.number(), cursor.skip(")") else {
        return nil
      }
      return decision(grows, vcpu, old: old, new: new)
    }
    guard let grows = cursor.value(of: "grow="), let vcpu = cursor.value(of: "vcpu_id="),
      let new = cursor.value(of: "new="), let old = cursor.value(of: "old=")
    else { return nil }
    return decision(grows != 0, vcpu, old: old, new: new)
  }

  private static func decision(
    _ grows: Bool, _ vcpu: UInt64, old: UInt64, new: UInt64
  ) -> Event.Kind? {
    guard let vcpu = UInt32(exactly: vcpu), let old = UInt32(exactly: old),
      let new = UInt32(exactly: new)
    else { return nil }
    return .decision(Decision(grows ? .grow : .shrink, vcpu: vcpu, old: old, new: new))
  }

  /// `comm=CPU 0/KVM pid=16445 prio=120 target_cpu=000`; the last ` pid=` counts, as a name may
  /// contain one.
  private static func waking(_ line: TextLine) -> Event.Kind? {
    var cursor = line.body
    guard let first = cursor.value(of: " pid=") else { return nil }
    var woken = first
    while let later = cursor.value(of: " pid=") { woken = later }
    let target = cursor.value(of: "target_cpu=") ?? 0
    guard let thread = Int32(exactly: woken), let cpu = UInt32(exactly: target) else { return nil }
    // The idle task wakes nobody; an interrupt does while it runs.
    let context = line.thread == .idle ? .interrupt : line.context ?? .task
    return .waking(woken: ThreadID(thread), target: CPU(cpu), context: context)
  }

  /// `… prev_state=S ==> next_comm=… next_pid=0 …`; `prev_state=0x1` with `-R`; trace-cmd's plugin
  /// writes `CPU 0/KVM:16445 [120] S ==> swapper/0:0 [120]`.
  private static func switched(_ body: TextCursor) -> Event.Kind? {
    var cursor = body
    var arrow = body
    while arrow.position < arrow.end, !arrow.skip("] ") || !arrow.hasArrow {
      arrow.move(to: arrow.position + 1)
    }
    if arrow.position < arrow.end, !body.says("prev_pid=") {
      let stillRunnable = arrow.isRunnable
      return arrow.lastPID().map { .switched(next: ThreadID($0), stillRunnable: stillRunnable) }
    }
    guard cursor.value(of: " prev_pid=") != nil, cursor.value(of: " prev_prio=") != nil else {
      return nil
    }
    var state = cursor
    while state.position < state.end, !state.skip(" prev_state=") {
      state.move(to: state.position + 1)
    }
    guard state.position < state.end, let next = state.nextPID() else { return nil }
    let stillRunnable = state.isRunnable
    return .switched(next: ThreadID(next), stillRunnable: stillRunnable)
  }
}

extension TextCursor {
  /// Whether the task state here is none of the sleeping ones: a letter, or with `-R` a number,
  /// decimal or hexadecimal, whose low 7 bits are those (linux include/trace/events/sched.h).
  fileprivate var isRunnable: Bool {
    var cursor = self
    if cursor.skip("0x") {
      var value: UInt64 = 0
      while let digit = Character(UnicodeScalar(cursor.byte)).hexDigitValue {
        value = value << 4 | UInt64(digit)
        cursor.move(to: cursor.position + 1)
      }
      return value & 0x7f == 0
    }
    if let value = cursor.number() { return value & 0x7f == 0 }
    let sleeping: [UInt8] = Array("SDTtXZPx".utf8)
    return !sleeping.contains(byte)
  }

  /// Whether a task's state and an arrow stand here: `S ==>`, `R+ ==>`, `D|W ==>`.
  fileprivate var hasArrow: Bool {
    var cursor = self
    while cursor.byte != UInt8(ascii: " "), cursor.position < cursor.end {
      cursor.move(to: cursor.position + 1)
    }
    return cursor.skip(" ==> ")
  }

  /// The pid of `swapper/0:0 [120]` at the end of the line.
  fileprivate func lastPID() -> Int32? {
    var stop = end
    while stop > position, byte(at: stop - 1) != UInt8(ascii: "[") { stop -= 1 }
    var cursor = self
    var last: Int32?
    while cursor.position < stop {
      if cursor.skip(":") {
        if let number = cursor.number(), cursor.position == stop - 2 {
          last = Int32(exactly: number)
        }
      } else {
        cursor.move(to: cursor.position + 1)
      }
    }
    return last
  }

  /// The last `next_pid=` on the line.
  fileprivate func nextPID() -> Int32? {
    var cursor = self
    var last: UInt64?
    while let value = cursor.value(of: " next_pid=") { last = value }
    return last.flatMap { Int32(exactly: $0) }
  }
}
