internal import PollTrace

/// `wait time 94651 ns, polling valid`, before 4.7 `wait time 94651 ns`; field by field.
enum WakeupText {
  private static let wait = Word("wait time "), poll = Word("poll time ")
  private static let unit = Word(" ns"), polling = Word(", polling ")
  private static let valid = Word("valid"), invalid = Word("invalid")
  private static let ns = Word("ns"), waited = Word("waited")

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
      return fields(text, position, end, leavesZerosOut: false, &event)
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

  /// Reads the fields one by one; `leavesZerosOut` says whether those that are 0 are not printed.
  static func fields(
    _ text: Bytes, _ start: Int, _ end: Int, leavesZerosOut: Bool, _ event: inout Event
  ) -> Bool {
    var fields = FieldText(text, start, end)
    var (block, slept, isValid) = (nil as UInt64?, nil as UInt64?, nil as UInt64?)
    while let field = fields.next() {
      if field.isCalled(ns) { block = field.value }
      if field.isCalled(waited) { slept = field.value }
      if field.isCalled(valid) { isValid = field.value }
    }
    if leavesZerosOut { (block, slept, isValid) = (block ?? 0, slept ?? 0, isValid ?? 0) }
    guard fields.isWhole, let block, let slept else { return false }
    event.what = .wakeup
    event.value = block
    event.flag = slept != 0
    event.number = isValid == nil ? 0 : 1
    event.isValid = isValid != 0
    return true
  }
}

/// `vcpu 1: halt_poll_ns 10000 (grow 0)`; field by field.
enum DecisionText {
  private static let vcpu = Word("vcpu "), window = Word(": halt_poll_ns ")
  private static let grow = Word(" (grow "), shrink = Word(" (shrink ")
  private static let grows = Word("grow"), id = Word("vcpu_id")
  private static let new = Word("new"), old = Word("old")

  @inline(__always)
  static func read(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = start
    event.what = .decision
    event.isValid = true
    text.skipSpaces(&position, below: end)
    guard text.take(vcpu, &position, below: end) else {
      return fields(text, position, end, leavesZerosOut: false, &event)
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

  /// Reads the fields one by one; `leavesZerosOut` says whether those that are 0 are not printed.
  static func fields(
    _ text: Bytes, _ start: Int, _ end: Int, leavesZerosOut: Bool, _ event: inout Event
  ) -> Bool {
    var fields = FieldText(text, start, end)
    var values: (grow: UInt64?, id: UInt64?, new: UInt64?, old: UInt64?)
    while let field = fields.next() {
      if field.isCalled(grows) { values.grow = field.value }
      if field.isCalled(id) { values.id = field.value }
      if field.isCalled(new) { values.new = field.value }
      if field.isCalled(old) { values.old = field.value }
    }
    if leavesZerosOut {
      values = (values.grow ?? 0, values.id ?? 0, values.new ?? 0, values.old ?? 0)
    }
    guard fields.isWhole, let grow = values.grow, let vcpu = values.id, let new = values.new,
      let old = values.old
    else { return false }
    event.what = .decision
    event.isValid = true
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
