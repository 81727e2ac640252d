internal import PollTrace

/// The events of a guest's own polling as text: `halt_poll_ns 50000 (grow 0)` of `guest_halt_poll_ns`, and
/// `state=1 cpu_id=0` of `cpu_idle`; both also field by field.
///
/// linux include/trace/events/power.h. trace-cmd prints the state on the way out as 4294967295.
enum GuestText {
  private static let window = Word("halt_poll_ns "), grow = Word(" (grow ")
  private static let shrink = Word(" (shrink "), grows = Word("grow"), new = Word("new")
  private static let old = Word("old"), state = Word("state")

  @inline(never)
  static func readDecision(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var position = start
    text.skipSpaces(&position, below: end)
    guard text.take(window, &position, below: end) else {
      return fields(text, position, end, &event)
    }
    guard let new = text.number(&position, below: end) else { return false }
    let isGrow = text.take(grow, &position, below: end)
    guard isGrow || text.take(shrink, &position, below: end),
      let old = text.number(&position, below: end), position < end, text.byte(position) == 0x29
    else { return false }
    return set(&event, isGrow, new, old)
  }

  private static func fields(
    _ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event
  ) -> Bool {
    var fields = FieldText(text, start, end)
    var values: (grow: UInt64?, new: UInt64?, old: UInt64?)
    while let field = fields.next() {
      if field.isCalled(grows) { values.grow = field.value }
      if field.isCalled(new) { values.new = field.value }
      if field.isCalled(old) { values.old = field.value }
    }
    guard fields.isWhole, let grow = values.grow, let new = values.new, let old = values.old else {
      return false
    }
    return set(&event, grow != 0, new, old)
  }

  private static func set(
    _ event: inout Event, _ isGrow: Bool, _ new: UInt64, _ old: UInt64
  ) -> Bool {
    guard (new | old) >> 32 == 0 else { return false }
    event.what = .guestDecision
    event.subject = .idle
    event.value = new | old << 32
    event.flag = isGrow
    event.isValid = true
    return true
  }

  @inline(never)
  static func readIdle(_ text: Bytes, _ start: Int, _ end: Int, _ event: inout Event) -> Bool {
    var fields = FieldText(text, start, end)
    guard let field = fields.next(), field.isCalled(state),
      let state = UInt32(exactly: field.value)
    else { return false }
    event.what = .idle
    event.subject = .idle
    event.number = state
    // Whether there was work stands among the flags, which not every text has.
    (event.flag, event.isValid) = (false, false)
    return true
  }
}
