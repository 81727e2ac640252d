internal import PollTrace

/// `comm=CPU 1/KVM pid=16446 prio=120 target_cpu=000`.
enum WakingText {
  private static let target = Word(" target_cpu="), success = Word(" success=")
  private static let prio = Word(" prio="), pid = Word(" pid="), comm = Word("comm=")

  @inline(__always)
  static func read(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = end
    guard let cpu = text.valueBackward(&position, above: start), cpu < 1 << 16,
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
enum SwitchText {
  private static let nextPrio = Word(" next_prio="), nextPid = Word(" next_pid=")
  private static let nextName = Word(" next_comm="), arrow = Word(" ==>")
  private static let state = Word(" prev_state="), prio = Word(" prev_prio=")
  private static let pid = Word(" prev_pid=")
  /// A task's name has 15 bytes at most (TASK_COMM_LEN, linux include/linux/sched.h).
  private static let longestName = 15

  @inline(__always)
  static func read(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = end
    guard end > start else { return false }
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
      let isRunnable: Bool
      if position > start, text.byte(position &- 1) == 0x29 {
        // As options/fields has it: 0x1 (1).
        guard let value = text.valueBackward(&position, above: start),
          text.takeBackward(state, &position, above: start)
        else { continue }
        isRunnable = value & 0x7f == 0
      } else {
        while position > start, !text.byte(position &- 1).isSpace { position &-= 1 }
        position = max(start, position &- 1)
        guard text.take(state, &position, below: stateEnd) else { continue }
        isRunnable = Self.isRunnable(text, position, stateEnd)
        position &-= state.count
      }
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
  /// `120`, or `0x78 (120)` as options/fields has it.
  @inline(__always)
  fileprivate func valueBackward(_ position: inout Int, above begin: Int) -> UInt64? {
    guard position > begin, byte(position &- 1) == 0x29 else {
      return numberBackward(&position, above: begin)
    }
    return fieldBackward(&position, above: begin)
  }

  private func fieldBackward(_ position: inout Int, above begin: Int) -> UInt64? {
    position -= 1
    guard let number = numberBackward(&position, above: begin) else { return nil }
    if position > begin, byte(position - 1) == 0x2d { position -= 1 }
    guard position > begin, byte(position - 1) == 0x28 else { return nil }
    position -= 1
    guard position > begin, byte(position - 1) == 0x20 else { return number }
    position -= 1
    while position > begin, byte(position - 1).hexDigit != nil { position -= 1 }
    guard position - 2 > begin, byte(position - 1) == 0x78, byte(position - 2) == 0x30 else {
      return nil
    }
    position -= 2
    return number
  }

  /// A priority, which may be negative.
  @inline(__always)
  fileprivate func priority(_ position: inout Int, above begin: Int) -> Bool {
    guard valueBackward(&position, above: begin) != nil else { return false }
    if position > begin, byte(position &- 1) == 0x2d { position &-= 1 }
    return true
  }

  @inline(__always)
  fileprivate func threadBackward(_ position: inout Int, above begin: Int) -> ThreadID? {
    guard let number = valueBackward(&position, above: begin), number <= UInt64(Int32.max) else {
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
