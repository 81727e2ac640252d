internal import PollTrace

/// `wait time 94651 ns, polling valid`, before 4.7 `wait time 94651 ns`; field by field.
enum WakeupText {
  private static let wait = Word("wait time "), poll = Word("poll time ")
  private static let unit = Word(" ns"), polling = Word(", polling ")
  private static let valid = Word("valid"), invalid = Word("invalid")

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
      return HaltFields.read(.wakeup, text, position, end, leavesZerosOut: false, &event)
    }
    guard let block = text.number(&position, below: end), text.take(unit, &position, below: end)
    else { return false }
    event.value = block
    if position == end { return true }
    guard text.take(polling, &position, below: end) else {
      return text.byte(position) != 0x2c && EventText.ends(text, position, end)
    }
    event.number = 1
    if text.take(valid, &position, below: end) { return EventText.ends(text, position, end) }
    event.isValid = false
    return text.take(invalid, &position, below: end) && EventText.ends(text, position, end)
  }
}

/// `vcpu 1: halt_poll_ns 10000 (grow 0)`; field by field.
enum DecisionText {
  private static let vcpu = Word("vcpu "), window = Word(": halt_poll_ns ")
  private static let grow = Word(" (grow "), shrink = Word(" (shrink ")

  @inline(__always)
  static func read(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = start
    event.what = .decision
    event.isValid = true
    text.skipSpaces(&position, below: end)
    guard text.take(vcpu, &position, below: end) else {
      return HaltFields.read(.decision, text, position, end, leavesZerosOut: false, &event)
    }
    guard let vcpu = text.number(&position, below: end),
      text.take(window, &position, below: end), let new = text.number(&position, below: end)
    else { return false }
    event.flag = text.take(grow, &position, below: end)
    guard event.flag || text.take(shrink, &position, below: end),
      let old = text.number(&position, below: end), position < end, text.byte(position) == 0x29,
      EventText.ends(text, position &+ 1, end)
    else { return false }
    return set(&event, vcpu, new, old)
  }

  /// Takes the vCPU and the two windows into `event`; false where one of them does not fit.
  @inline(__always)
  static func set(
    _ event: inout Event, _ vcpu: UInt64, _ new: UInt64, _ old: UInt64
  ) -> Bool {
    event.number = UInt32(truncatingIfNeeded: vcpu)
    event.value = new | old << 32
    return (vcpu | new | old) >> 32 == 0
  }
}
