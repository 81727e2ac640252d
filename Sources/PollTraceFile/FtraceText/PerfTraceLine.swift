internal import PollTrace

/// A line of `perf trace -e kvm:…`: `     0.310 CPU 0/KVM/4711 kvm:kvm_vcpu_wakeup(ns: 368467, waited: 1)`.
///
/// Times are milliseconds from its begin, not in order; the CPU is not said; fields that are 0 are left
/// out (perf tools/perf/builtin-trace.c, trace__fprintf_sys_enter() and trace__event_handler()).
struct PerfTraceLine {
  let context: LineContext
  let name: EventText.Name
  /// Where the fields lie.
  let fields: Range<Int>

  /// The line from `begin` to `end`; nil where it is none, or of an event that says nothing of halts.
  init?(_ text: Bytes, _ begin: Int, _ end: Int) {
    guard let name = EventText.mention(in: text, begin, end) else { return nil }
    self.init(text, begin, name: name, end)
  }

  /// The same where the event's name begins at `start`.
  init?(_ text: Bytes, _ begin: Int, name start: Int, _ end: Int) {
    guard let (name, nameEnd) = EventText.name(text, at: start), nameEnd < end,
      text.byte(nameEnd) == 0x28, let close = text.lastIndex(of: 0x29, from: nameEnd, below: end),
      var taskEnd = LineForm.nameBegin(text, begin, start)
    else { return nil }
    self.name = name
    fields = nameEnd + 1..<close
    // COMM/TID
    guard let number = text.numberBackward(&taskEnd, above: begin), taskEnd > begin,
      let thread = Int32(exactly: number), text.byte(taskEnd - 1) == 0x2f
    else { return nil }
    var place = begin
    text.skipSpaces(&place, below: taskEnd)
    guard let whole = text.number(&place, below: taskEnd), whole < 1 << 40,
      text.byte(place) == 0x2e
    else { return nil }
    place += 1
    let start = place
    guard let fraction = text.number(&place, below: taskEnd), place - start == 3 else {
      return nil
    }
    context = LineContext(
      time: Timestamp((whole * 1_000 + fraction) * 1_000), fraction: 6, cpu: .unknown,
      thread: ThreadID(thread), process: nil, waking: .unknown, nameEnd: taskEnd - 1)
  }

  /// Takes the fields into `event`; false where they are not all there.
  func read(_ text: Bytes, into event: inout Event) -> Bool {
    HaltFields.read(
      name, text, fields.lowerBound, fields.upperBound, leavesZerosOut: true, &event)
  }
}
