internal import PollTrace

/// The begin of a line of trace text: who, where, when, and which event.
///
/// `cat trace`, `cat trace_pipe` and `trace-cmd report` write `COMM-PID [CPU] FLAGS TIME: EVENT: …`
/// (linux kernel/trace/trace_output.c `trace_print_context()`; trace-cmd leaves the flags out),
/// with `(TGID)` behind the pid where option record-tgid is set; `perf script` writes
/// `COMM  PID [CPU] TIME:  SYSTEM:EVENT: …` (PID/TID where asked for). A command name may contain
/// anything, so the anchor is the first `[digits]` that a time and a name follow.
struct TextLine {
  enum Name { case wakeup, decision, waking, switched, other }

  var thread: ThreadID
  /// The process, where the line tells.
  var process: ProcessID?
  /// Where the command's name begins and ends.
  var comm: Range<Int>
  var cpu: CPU
  var time: Timestamp
  /// Digits behind the point of the time; 0 for a counter.
  var decimals: Int
  /// What the flags say of interrupts; nil where there are none.
  var context: WakingContext?
  var name: Name
  /// Behind the colon of the event's name.
  var body: TextCursor

  /// The line in `range`; nil where it is not an event.
  init?(_ bytes: Bytes, _ range: Range<Int>) {
    var cursor = TextCursor(bytes, range)
    cursor.skipSpaces()
    let start = cursor.position
    while cursor.position < cursor.end {
      if cursor.byte == UInt8(ascii: "["), cursor.position > start {
        var rest = cursor
        if let line = Self.rest(&rest, start, open: cursor.position) {
          self = line
          return
        }
      }
      cursor.move(to: cursor.position &+ 1)
    }
    return nil
  }

  private init(
    thread: ThreadID, process: ProcessID?, comm: Range<Int>, cpu: CPU, time: Timestamp,
    decimals: Int, context: WakingContext?, name: Name, body: TextCursor
  ) {
    (self.thread, self.process, self.comm) = (thread, process, comm)
    (self.cpu, self.time, self.decimals) = (cpu, time, decimals)
    (self.context, self.name, self.body) = (context, name, body)
  }

  /// Reads from the bracket at `open` on; nil where it is part of a name.
  private static func rest(_ cursor: inout TextCursor, _ start: Int, open: Int) -> TextLine? {
    cursor.move(to: open &+ 1)
    guard let cpu = cursor.number(), cpu <= UInt64(UInt32.max), cursor.skip("]") else { return nil }
    cursor.skipSpaces()
    var context: WakingContext?
    // Flags are one word with a letter or a dot that is not a time: d.h2.
    let word = cursor.position
    if let time = time(&cursor) {
      return line(&cursor, start, open, CPU(UInt32(cpu)), time, context)
    }
    cursor.move(to: word)
    while cursor.byte != UInt8(ascii: " "), cursor.position < cursor.end {
      let letter = cursor.byte
      if cursor.position &- word == 2 {
        // hardirq/softirq: h, H, s, Z (NMI); a dot for none.
        let letters: [UInt8] = [
          UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "s"), UInt8(ascii: "Z"),
          UInt8(ascii: "z"),
        ]
        context = letters.contains(letter) ? .interrupt : .task
      }
      cursor.move(to: cursor.position &+ 1)
    }
    cursor.skipSpaces()
    guard let time = time(&cursor) else { return nil }
    return line(&cursor, start, open, CPU(UInt32(cpu)), time, context)
  }

  /// `123.456789:` or `123456:`; the position stays undefined where it is neither.
  private static func time(_ cursor: inout TextCursor) -> (time: Timestamp, decimals: Int)? {
    guard let whole = cursor.number() else { return nil }
    guard cursor.skip(".") else {
      return cursor.skip(":") ? (Timestamp(whole), 0) : nil
    }
    let begin = cursor.position
    guard let part = cursor.number(), cursor.skip(":") else { return nil }
    let decimals = cursor.position &- begin &- 1
    guard decimals <= 9, whole < 1 << 34 else { return nil }
    var scaled = part
    for _ in decimals..<9 { scaled &*= 10 }
    return (Timestamp(whole &* 1_000_000_000 &+ scaled), decimals)
  }

  private static func line(
    _ cursor: inout TextCursor, _ start: Int, _ open: Int, _ cpu: CPU,
    _ time: (time: Timestamp, decimals: Int), _ context: WakingContext?
  ) -> TextLine? {
    guard let who = who(cursor, start, open) else { return nil }
    cursor.skipSpaces()
    // `kvm:` before the name, as perf writes it.
    _ = cursor.skip("kvm:") || cursor.skip("sched:")
    let name: Name =
      cursor.skip("kvm_vcpu_wakeup:")
      ? .wakeup
      : cursor.skip("kvm_halt_poll_ns:")
        ? .decision
        : cursor.skip("sched_waking:")
          ? .waking : cursor.skip("sched_switch:") ? .switched : .other
    return TextLine(
      thread: who.thread, process: who.process, comm: who.comm, cpu: cpu, time: time.time,
      decimals: time.decimals, context: context, name: name, body: cursor)
  }

  /// The command and the pid before the bracket: `COMM-PID`, `COMM-PID (TGID)`, `COMM  PID/TID`.
  private static func who(
    _ cursor: TextCursor, _ start: Int, _ open: Int
  ) -> (thread: ThreadID, process: ProcessID?, comm: Range<Int>)? {
    var stop = open
    func skipSpacesBack() {
      while stop > start, cursor.byte(at: stop &- 1) == UInt8(ascii: " ") { stop &-= 1 }
    }
    func numberBack() -> UInt64? {
      var value: UInt64 = 0
      var scale: UInt64 = 1
      let end = stop
      while stop > start, case let digit = cursor.byte(at: stop &- 1) &- UInt8(ascii: "0"),
        digit < 10
      {
        guard end &- stop < 10 else { return nil }
        value &+= UInt64(digit) &* scale
        scale &*= 10
        stop &-= 1
      }
      return stop < end && value <= UInt64(Int32.max) ? value : nil
    }
    skipSpacesBack()
    var process: ProcessID?
    if stop > start, cursor.byte(at: stop &- 1) == UInt8(ascii: ")") {
      stop &-= 1
      process = numberBack().map { ProcessID(Int32($0)) }
      while stop > start, cursor.byte(at: stop &- 1) != UInt8(ascii: "(") { stop &-= 1 }
      stop = max(start, stop &- 1)
      skipSpacesBack()
    }
    guard let thread = numberBack(), stop > start else { return nil }
    let separator = cursor.byte(at: stop &- 1)
    if separator == UInt8(ascii: "/") {
      stop &-= 1
      process = numberBack().map { ProcessID(Int32($0)) }
    } else if separator == UInt8(ascii: "-") {
      stop &-= 1
    } else if separator != UInt8(ascii: " ") {
      return nil
    }
    skipSpacesBack()
    return (ThreadID(Int32(thread)), process, start..<max(start, stop))
  }
}
