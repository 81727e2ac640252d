internal import PollTrace

/// The four events as text: what stands behind the name, as the kernel's print formats have it,
/// trace-cmd's plugins, or field by field (`trace-cmd report -R`).
enum EventText {
  /// Which of the events a line is.
  enum Name { case wakeup, decision, waking, switched }

  private static let wakeup = Word("kvm_vcpu_wakeup")
  private static let decision = Word("kvm_halt_poll_ns")
  private static let waking = Word("sched_waking")
  private static let switched = Word("sched_switch")

  /// The name before the colon at `colon`, and where it begins; nil where it is another.
  @inline(__always)
  static func name(_ text: Bytes, _ begin: Int, colon: Int) -> (name: Name, start: Int)? {
    var start = colon
    let name: Name
    switch text.byte(colon &- 1) {
    case 0x70 where text.takeBackward(wakeup, &start, above: begin): name = .wakeup
    case 0x73 where text.takeBackward(decision, &start, above: begin): name = .decision
    case 0x67 where text.takeBackward(waking, &start, above: begin): name = .waking
    case 0x68 where text.takeBackward(switched, &start, above: begin): name = .switched
    default: return nil
    }
    guard start > begin, text.byte(start &- 1).isSpace || text.byte(start &- 1) == 0x3a else {
      return nil
    }
    return (name, start)
  }

  /// What the kernel prints, for messages.
  static func expected(_ name: Name) -> String {
    switch name {
    case .wakeup: "'wait time N ns, polling valid'"
    case .decision: "'vcpu N: halt_poll_ns N (grow N)'"
    case .waking: "'comm=… pid=N prio=N target_cpu=N'"
    case .switched: "'prev_comm=… prev_pid=N … ==> next_comm=… next_pid=N next_prio=N'"
    }
  }

  /// Takes what stands from `start` to `end` into `event`; false where it cannot be understood.
  @inline(__always)
  static func read(
    _ name: Name, _ text: Bytes, _ start: Int, _ end: Int, into event: inout Event
  ) -> Bool {
    switch name {
    case .wakeup: WakeupText.read(text, start, end, &event)
    case .decision: DecisionText.read(text, start, end, &event)
    case .waking: WakingText.read(text, start, end, &event)
    case .switched: SwitchText.read(text, start, end, &event)
    }
  }
}

/// `wait time 94651 ns, polling valid`, before 4.7 `wait time 94651 ns`; `ns=94651 waited=1 valid=1`.
private enum WakeupText {
  private static let wait = Word("wait time "), poll = Word("poll time ")
  private static let unit = Word(" ns"), polling = Word(", polling ")
  private static let valid = Word("valid"), invalid = Word("invalid")
  private static let ns = Word("ns="), waited = Word(" waited="), isValid = Word(" valid=")

  @inline(__always)
  static func read(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = start
    event.what = .wakeup
    event.isValid = true
    // No `valid` at all is told to the reader by this.
    event.number = 0
    text.skipSpaces(&position, below: end)
    if text.take(wait, &position, below: end) {
      event.flag = true
    } else if text.take(poll, &position, below: end) {
      event.flag = false
    } else {
      return fields(text, position, end, &event)
    }
    guard let block = text.number(&position, below: end), text.take(unit, &position, below: end)
    else { return false }
    event.value = block
    if position == end { return true }
    guard text.take(polling, &position, below: end) else { return false }
    event.number = 1
    if text.take(valid, &position, below: end) { return position == end }
    event.isValid = false
    return text.take(invalid, &position, below: end) && position == end
  }

  private static func fields(
    _ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event
  ) -> Bool {
    var position = start
    guard text.take(ns, &position, below: end), let block = text.number(&position, below: end),
      text.take(waited, &position, below: end), let slept = text.number(&position, below: end)
    else { return false }
    event.value = block
    event.flag = slept != 0
    if position == end { return true }
    guard text.take(isValid, &position, below: end),
      let valid = text.number(&position, below: end)
    else { return false }
    event.number = 1
    event.isValid = valid != 0
    return position == end
  }
}

/// `vcpu 1: halt_poll_ns 10000 (grow 0)`; `grow=1 vcpu_id=1 new=10000 old=0`.
private enum DecisionText {
  private static let vcpu = Word("vcpu "), window = Word(": halt_poll_ns ")
  private static let grow = Word(" (grow "), shrink = Word(" (shrink ")
  private static let grows = Word("grow="), id = Word(" vcpu_id=")
  private static let new = Word(" new="), old = Word(" old=")

  @inline(__always)
  static func read(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = start
    event.what = .decision
    event.isValid = true
    text.skipSpaces(&position, below: end)
    guard text.take(vcpu, &position, below: end) else {
      return fields(text, position, end, &event)
    }
    guard let vcpu = text.number(&position, below: end),
      text.take(window, &position, below: end), let new = text.number(&position, below: end)
    else { return false }
    event.flag = text.take(grow, &position, below: end)
    guard event.flag || text.take(shrink, &position, below: end),
      let old = text.number(&position, below: end), text.byte(position) == 0x29,
      position &+ 1 == end
    else { return false }
    return set(&event, vcpu, new, old)
  }

  private static func fields(
    _ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event
  ) -> Bool {
    var position = start
    guard text.take(grows, &position, below: end), let grow = text.number(&position, below: end),
      text.take(id, &position, below: end), let vcpu = text.number(&position, below: end),
      text.take(new, &position, below: end), let new = text.number(&position, below: end),
      text.take(old, &position, below: end), let old = text.number(&position, below: end),
      position == end
    else { return false }
    event.flag = grow != 0
    return set(&event, vcpu, new, old)
  }

  @inline(__always)
  private static func set(
    _ event: inout Event, _ vcpu: UInt64, _ new: UInt64, _ old: UInt64
  ) -> Bool {
    event.number = UInt32(truncatingIfNeeded: vcpu)
    event.value = new | old << 32
    return (vcpu | new | old) >> 32 == 0
  }
}

/// `comm=CPU 1/KVM pid=16446 prio=120 target_cpu=000`.
private enum WakingText {
  private static let target = Word(" target_cpu="), success = Word(" success=")
  private static let prio = Word(" prio="), pid = Word(" pid="), comm = Word("comm=")

  @inline(__always)
  static func read(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = end
    guard let cpu = text.numberBackward(&position, above: start), cpu < 1 << 16,
      text.takeBackward(target, &position, above: start)
    else { return false }
    let before = position
    if text.numberBackward(&position, above: start) == nil
      || !text.takeBackward(success, &position, above: start)
    {
      position = before
    }
    guard text.priority(&position, above: start),
      text.takeBackward(prio, &position, above: start),
      let thread = text.threadBackward(&position, above: start),
      text.takeBackward(pid, &position, above: start)
    else { return false }
    var name = start
    text.skipSpaces(&name, below: position)
    guard text.take(comm, &name, below: position) else { return false }
    event.what = .waking
    // The thread that was running is the waker; the event is about the woken.
    event.value = UInt64(UInt32(bitPattern: event.subject.rawValue))
    event.subject = thread
    event.number = UInt32(cpu)
    return true
  }
}

/// `prev_comm=… prev_pid=16445 prev_prio=120 prev_state=S ==> next_comm=… next_pid=0 next_prio=120`;
/// trace-cmd: `CPU 0/KVM:16445 [120] S ==> swapper/0:0 [120]`.
private enum SwitchText {
  private static let nextPrio = Word(" next_prio="), nextPid = Word(" next_pid=")
  private static let nextName = Word(" next_comm="), arrow = Word(" ==>")
  private static let state = Word(" prev_state="), prio = Word(" prev_prio=")
  private static let pid = Word(" prev_pid=")
  /// A task's name has 15 bytes at most (TASK_COMM_LEN, linux include/linux/sched.h).
  private static let longestName = 15

  @inline(__always)
  static func read(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = end
    if text.byte(end &- 1) == 0x5d { return plugin(text, start, end, &event) }
    guard text.priority(&position, above: start),
      text.takeBackward(nextPrio, &position, above: start),
      let next = text.threadBackward(&position, above: start),
      text.takeBackward(nextPid, &position, above: start)
    else { return false }
    let name = position
    // The name may contain what stands before it: the shortest one that makes sense is taken.
    for length in 0...longestName {
      position = name &- length
      guard text.takeBackward(nextName, &position, above: start) else { continue }
      _ = text.takeBackward(arrow, &position, above: start)
      let stateEnd = position
      while position > start, !text.byte(position &- 1).isSpace { position &-= 1 }
      position = max(start, position &- 1)
      guard text.take(state, &position, below: stateEnd) else { continue }
      let isRunnable = isRunnable(text, position, stateEnd)
      position &-= state.count
      guard text.priority(&position, above: start),
        text.takeBackward(prio, &position, above: start),
        let previous = text.threadBackward(&position, above: start),
        text.takeBackward(pid, &position, above: start)
      else { continue }
      set(&event, previous, next, isRunnable)
      return true
    }
    return false
  }

  /// Reads `comm:PID [PRIO] STATE ==> comm:PID [PRIO]`.
  private static func plugin(
    _ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event
  ) -> Bool {
    var position = end
    guard let next = text.taskBackward(&position, above: start) else { return false }
    let name = position
    for length in 0...longestName {
      position = name &- length
      guard position > start, text.byte(position &- 1) == 0x20 else { continue }
      position &-= 1
      guard text.takeBackward(arrow, &position, above: start) else { continue }
      let stateEnd = position
      while position > start, !text.byte(position &- 1).isSpace { position &-= 1 }
      let isRunnable = isRunnable(text, position, stateEnd)
      position &-= 1
      guard let previous = text.taskBackward(&position, above: start) else { continue }
      set(&event, previous, next, isRunnable)
      return true
    }
    return false
  }

  @inline(__always)
  private static func set(
    _ event: inout Event, _ previous: ThreadID, _ next: ThreadID, _ isRunnable: Bool
  ) {
    event.what = .switched
    event.isValid = true
    event.subject = previous
    event.value = UInt64(UInt32(bitPattern: next.rawValue))
    event.flag = !isRunnable
  }

  /// `R`, `R+` or, as a number, none of the sleeping states in the low 7 bits.
  @inline(__always)
  private static func isRunnable(_ text: Bytes, _ start: Int, _ end: Int) -> Bool {
    if text.byte(start) == 0x52 { return true }
    var position = start
    if text.byte(start) == 0x30, text.byte(start + 1) | 0x20 == 0x78 {
      let digits = text.part(start + 2, max(0, end - start - 2))?.text ?? ""
      return (UInt64(digits, radix: 16) ?? 1) & 0x7f == 0
    }
    return text.number(&position, below: end).map { $0 & 0x7f == 0 } ?? false
  }
}

extension Bytes {
  /// A priority, which may be negative.
  @inline(__always)
  fileprivate func priority(_ position: inout Int, above begin: Int) -> Bool {
    guard numberBackward(&position, above: begin) != nil else { return false }
    if position > begin, byte(position &- 1) == 0x2d { position &-= 1 }
    return true
  }

  @inline(__always)
  fileprivate func threadBackward(_ position: inout Int, above begin: Int) -> ThreadID? {
    guard let number = numberBackward(&position, above: begin), number <= UInt64(Int32.max) else {
      return nil
    }
    return ThreadID(Int32(number))
  }

  /// Reads `:PID [PRIO]`.
  @inline(__always)
  fileprivate func taskBackward(_ position: inout Int, above begin: Int) -> ThreadID? {
    guard position > begin, byte(position &- 1) == 0x5d else { return nil }
    position &-= 1
    guard priority(&position, above: begin), position &- 2 > begin,
      byte(position &- 1) == 0x5b, byte(position &- 2) == 0x20
    else { return nil }
    position &-= 2
    guard let thread = threadBackward(&position, above: begin), position > begin,
      byte(position &- 1) == 0x3a
    else { return nil }
    position &-= 1
    return thread
  }
}
