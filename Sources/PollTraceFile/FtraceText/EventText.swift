internal import PollTrace

/// The events as text: what stands behind the name, as the kernel's print formats have it,
/// trace-cmd's plugins, or field by field (`trace-cmd report -R`, tracefs options/fields).
///
/// Something else may follow: addresses and symbols (`perf script -F ip,sym`), a table's bar, a quote.
enum EventText {
  /// Which of the events a line is.
  enum Name { case wakeup, decision, waking, switched, guestDecision, idle }

  private static let wakeup = Word("kvm_vcpu_wakeup")
  private static let decision = Word("kvm_halt_poll_ns")
  private static let waking = Word("sched_waking")
  private static let switched = Word("sched_switch")
  private static let idle = Word("cpu_idle")
  private static let guestBegin = Word("guest_halt_poll"), guestEnd = Word("_ns")

  /// The name before the colon at `colon`, and where it begins; nil where it is another.
  @inline(__always)
  static func name(_ text: Bytes, _ begin: Int, colon: Int) -> (name: Name, start: Int)? {
    var start = colon
    let name: Name
    switch text.byte(colon &- 1) {
    case 0x70 where text.takeBackward(wakeup, &start, above: begin): name = .wakeup
    case 0x73 where text.takeBackward(decision, &start, above: begin): name = .decision
    case 0x73
    where text.takeBackward(guestEnd, &start, above: begin)
      && text.takeBackward(guestBegin, &start, above: begin):
      name = .guestDecision
    case 0x65 where text.takeBackward(idle, &start, above: begin): name = .idle
    case 0x67 where text.takeBackward(waking, &start, above: begin): name = .waking
    case 0x68 where text.takeBackward(switched, &start, above: begin): name = .switched
    default: return nil
    }
    guard start > begin, text.byte(start &- 1).isSpace || text.byte(start &- 1) == 0x3a else {
      return nil
    }
    return (name, start)
  }

  /// The name that begins at `start`, and where it ends.
  static func name(_ text: Bytes, at start: Int) -> (name: Name, end: Int)? {
    for (name, word) in [(Name.wakeup, wakeup), (.decision, decision)]
    where text.has(word, at: start) {
      return (name, start + word.count)
    }
    return nil
  }

  /// Where the first name of an event of KVM's begins in the line from `begin` to `end`.
  static func mention(in text: Bytes, _ begin: Int, _ end: Int) -> Int? {
    var place = begin
    while let found = text.firstIndex(of: 0x6b, from: place), found < end {
      if found + 15 <= end, text.has(wakeup, at: found) || text.has(decision, at: found) {
        return found
      }
      place = found + 1
    }
    return nil
  }

  /// What the kernel prints, for messages.
  static func expected(_ name: Name) -> String {
    switch name {
    case .wakeup: "'wait time N ns, polling valid'"
    case .decision: "'vcpu N: halt_poll_ns N (grow N)'"
    case .waking: "'comm=… pid=N prio=N target_cpu=N'"
    case .guestDecision: "'halt_poll_ns N (grow N)'"
    case .idle: "'state=N cpu_id=N'"
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
    case .guestDecision: GuestText.readDecision(text, start, end, &event)
    case .idle: GuestText.readIdle(text, start, end, &event)
    case .waking:
      WakingText.read(text, start, end, &event)
        || WakingText.read(text, start, lastValue(text, start, end), &event)
    case .switched:
      SwitchText.read(text, start, end, &event)
        || SwitchText.read(text, start, lastValue(text, start, end), &event)
    }
  }

  /// Whether a word that ends at `position` ends there.
  @inline(__always)
  static func ends(_ text: Bytes, _ position: Int, _ end: Int) -> Bool {
    if position == end { return true }
    let byte = text.byte(position)
    return !(byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) && byte.digit == nil && byte != 0x5f
  }

  /// Where the value of the last field ends, which may not be the end of the line.
  private static func lastValue(_ text: Bytes, _ start: Int, _ end: Int) -> Int {
    guard let sign = text.lastIndex(of: 0x3d, from: start, below: end) else { return start }
    var position = sign + 1
    while position < end, text.byte(position).digit != nil { position += 1 }
    return position
  }
}
