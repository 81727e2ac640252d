internal import PollTrace

/// What stands before an event's name in a line: task, CPU, flags, time.
///
/// `cat trace`, `trace_pipe`: `            comm-PID     (TGID) [CPU] FLAGS TIME: `
/// `trace-cmd report`: the same without flags, or with; `-l`: `comm-PID   CPUFLAGS  TIME: `; `-R` of
/// 3.3: flags as a number behind the CPU, `[CPU]-0xFLAGS  TIME: `
/// `perf script`: `            comm   PID/TID [CPU] TIME:  PERIOD `
///
/// A task's name may contain whatever a line is made of, and it comes first: so a line is read from
/// its right end.
struct LineContext {
  var time: Timestamp
  /// Digits behind the point; 0 where the time is a mere count.
  var fraction: Int
  var cpu: CPU
  var thread: ThreadID
  var process: ProcessID?
  /// Whether the line says when it was.
  var hasTime = true
  /// Whether the thread's number stands alone, so that it may be the process's.
  var isAlone = false
  /// Whether an interrupt was being handled; `unknown` without flags.
  var waking = WakingContext.unknown
  /// Where the task's name ends, and where it begins if that is not 16 columns before.
  var nameEnd: Int
  var nameBegin: Int?

  /// The context of an event whose time ends before the colon at `colon`, in the line from `begin`.
  ///
  /// `interruptFlag` is the column of the flag for interrupts, where the text names its columns.
  @inline(__always)
  init?(_ text: Bytes, _ begin: Int, colon: Int, interruptFlag: Int?) {
    var position = colon
    guard let (time, fraction) = Self.time(text, &position, above: begin), position > begin,
      text.byte(position &- 1).isSpace
    else { return nil }
    self.init(text, begin, before: position, time, fraction, interruptFlag)
  }

  /// The task, CPU and flags that end before `place`.
  @inline(__always)
  init?(
    _ text: Bytes, _ begin: Int, before place: Int, _ time: Timestamp, _ fraction: Int,
    _ interruptFlag: Int?
  ) {
    var position = place
    (self.time, self.fraction) = (time, fraction)
    text.skipSpacesBackward(&position, above: begin)
    guard position > begin else { return nil }
    // The CPU's number, where it stands without brackets.
    var number: UInt64?
    if let flags = Self.rawFlags(text, &position, above: begin) {
      waking = Self.waking(raw: flags)
      if text.byte(position &- 1) != 0x5d {
        number = text.numberBackward(&position, above: begin)
        guard number != nil else { return nil }
      }
    } else if text.byte(position &- 1) != 0x5d {
      let end = position
      while position > begin, !text.byte(position &- 1).isSpace { position &-= 1 }
      guard end &- position <= 16, text.byte(end &- 1) != 0x3a else { return nil }
      var start = position
      if text.byte(position).digit != nil { number = text.number(&start, below: end) }
      if number != nil || end &- start >= 4 {
        guard end &- start >= 4, Self.isFirstFlag(text.byte(start)) else { return nil }
        // Kernels with PREEMPT_RT have a column for lazy rescheduling before it, seven in all.
        let column = interruptFlag ?? (end &- start >= 6 ? 3 : 2)
        waking = Self.waking(text.byte(start &+ min(column, end &- start &- 1)))
      } else if !Self.isMode(text, start, end) {
        return nil
      }
      if number == nil { text.skipSpacesBackward(&position, above: begin) }
    }
    if number == nil {
      // [CPU]
      guard position > begin, text.byte(position &- 1) == 0x5d else { return nil }
      position &-= 1
      number = text.numberBackward(&position, above: begin)
      guard position > begin, text.byte(position &- 1) == 0x5b else { return nil }
      position &-= 1
    } else {
      guard position > begin, text.byte(position &- 1).isSpace else { return nil }
    }
    guard let number, number < 1 << 16 else { return nil }
    cpu = CPU(UInt32(number))
    text.skipSpacesBackward(&position, above: begin)
    guard let task = TaskText(text, begin, &position) else { return nil }
    (thread, process, nameEnd) = (task.thread, task.process, position)
    isAlone = task.isAlone
  }

  /// A context of which all is known.
  init(
    time: Timestamp, fraction: Int, cpu: CPU, thread: ThreadID, process: ProcessID?,
    waking: WakingContext, nameEnd: Int
  ) {
    (self.time, self.fraction, self.cpu) = (time, fraction, cpu)
    (self.thread, self.process, self.waking) = (thread, process, waking)
    self.nameEnd = nameEnd
  }

  /// Interrupts off, bottom halves off, both; neither; not known (linux kernel/trace/trace_output.c,
  /// trace_print_lat_fmt()).
  @inline(__always)
  private static func isFirstFlag(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x2e, 0x64, 0x44, 0x62, 0x42, 0x58, 0x3f: true
    default: false
    }
  }

  /// Whether it is the mode of a sample, as `perf script -F misc` prints it: `K`, `U`, `H`.
  private static func isMode(_ text: Bytes, _ start: Int, _ end: Int) -> Bool {
    (start..<end).allSatisfy { 0x41...0x5a ~= text.byte($0) }
  }

  /// `SECONDS.FRACTION`, also with a decimal comma, or a count.
  @inline(__always)
  static func time(
    _ text: Bytes, _ position: inout Int, above begin: Int
  ) -> (Timestamp, Int)? {
    let end = position
    guard let last = text.numberBackward(&position, above: begin) else { return nil }
    guard position > begin, text.byte(position &- 1) == 0x2e || text.byte(position &- 1) == 0x2c
    else { return (Timestamp(last), 0) }
    let digits = end &- position
    guard digits <= 9 else { return nil }
    position &-= 1
    guard let seconds = text.numberBackward(&position, above: begin), seconds < 10_000_000_000
    else { return nil }
    let scale: UInt64 =
      digits == 6
      ? 1_000 : digits == 9 ? 1 : (digits..<9).reduce(1 as UInt64) { scale, _ in scale * 10 }
    return (Timestamp(seconds &* 1_000_000_000 &+ last &* scale), digits)
  }

  /// `-0xFLAGS` right behind the CPU: the record's own flags, at most 32 bits.
  private static func rawFlags(
    _ text: Bytes, _ position: inout Int, above begin: Int
  ) -> UInt64? {
    var start = position
    while start > begin, position &- start < 8, text.byte(start &- 1).hexDigit != nil {
      start &-= 1
    }
    guard start < position, start &- begin > 3, text.byte(start &- 1) == 0x78,
      text.byte(start &- 2) == 0x30, text.byte(start &- 3) == 0x2d
    else { return nil }
    let flags = (start..<position).reduce(0 as UInt64) { $0 << 4 | (text.byte($1).hexDigit ?? 0) }
    position = start &- 3
    return flags
  }

  /// What the flag for interrupts says: `h` hard, `s` soft, `H` and `Z` hard in another; `z` an NMI
  /// alone (linux kernel/trace/trace_output.c, trace_print_lat_fmt()).
  static func waking(_ flag: UInt8) -> WakingContext {
    switch flag {
    case 0x68, 0x73, 0x48, 0x5a: .interrupt
    default: .task
    }
  }

  /// What a record's own flags say.
  static func waking(raw flags: UInt64) -> WakingContext {
    flags & RecordLayouts.interruptFlags != 0 ? .interrupt : .task
  }

  /// The name of the task: what stands in the last 16 columns, to which names are padded.
  func name(_ text: Bytes, _ begin: Int) -> String? {
    var start = nameBegin ?? max(begin, nameEnd - 16)
    var end = nameEnd
    if nameBegin == nil, start > begin, !text.byte(start).isSpace, !text.byte(start - 1).isSpace {
      // Something else before a shorter name: a file's name, a time, a quote.
      for place in (start..<end - 1).reversed()
      where text.byte(place + 1).isSpace && [0x3a, 0x5d, 0x7c, 0x3e].contains(text.byte(place)) {
        start = place + 1
        break
      }
    }
    text.skipSpaces(&start, below: end)
    text.skipSpacesBackward(&end, above: start)
    guard let name = text.part(start, end - start)?.text, !name.isEmpty, name != "<...>",
      // As perf calls a thread whose name it does not know.
      name.first != ":" || !name.dropFirst().allSatisfy(\.isNumber)
    else { return nil }
    return name
  }
}
