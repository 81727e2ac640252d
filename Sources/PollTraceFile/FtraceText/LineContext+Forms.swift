internal import PollTrace

extension LineContext {
  /// `CPU 0/KV-4711      0d..2. 28701us+: `: the time is that since the trace's begin, and a mark says how
  /// long it was to the next event (linux kernel/trace/trace_output.c, lat_print_timestamp()).
  init?(latency text: Bytes, _ begin: Int, colon: Int, _ interruptFlag: Int?) {
    var position = colon
    if position > begin, text.byte(position - 1) != 0x73 { position -= 1 }
    guard text.takeBackward(Self.microseconds, &position, above: begin),
      let time = text.numberBackward(&position, above: begin), time < 1 << 53,
      position > begin, text.byte(position - 1).isSpace
    else { return nil }
    self.init(text, begin, before: position, Timestamp(time * 1_000), 6, interruptFlag)
  }

  private static let microseconds = Word("us"), milliseconds = Word("ms")

  /// `CPU 0/KVM    4711   0 1 00000000 0000002a [3ba1f4c2] 28.749ms (+0.123ms): `: name, pid, CPU, flags,
  /// depth of preemption, number, time of the clock, time since the begin, time to the next event.
  init?(verbose text: Bytes, _ begin: Int, colon: Int) {
    var position = colon
    guard position > begin, text.byte(position - 1) == 0x29,
      let open = text.lastIndex(of: 0x28, from: begin, below: position)
    else { return nil }
    position = open
    text.skipSpacesBackward(&position, above: begin)
    guard text.takeBackward(Self.milliseconds, &position, above: begin) else { return nil }
    let end = position
    guard let fraction = text.numberBackward(&position, above: begin), end - position == 3,
      position > begin, text.byte(position - 1) == 0x2e
    else { return nil }
    position -= 1
    guard let whole = text.numberBackward(&position, above: begin), whole < 1 << 40,
      let bracket = text.lastIndex(of: 0x5b, from: begin, below: position)
    else { return nil }
    position = bracket
    for _ in 0..<2 {
      text.skipSpacesBackward(&position, above: begin)
      let end = position
      while position > begin, text.byte(position - 1).hexDigit != nil { position -= 1 }
      guard end > position else { return nil }
    }
    var numbers: [UInt64] = []
    for _ in 0..<3 {
      text.skipSpacesBackward(&position, above: begin)
      guard let number = text.numberBackward(&position, above: begin), position > begin,
        text.byte(position - 1).isSpace
      else { return nil }
      numbers.append(number)
    }
    guard numbers[1] < 1 << 16, let thread = Int32(exactly: numbers[2]) else { return nil }
    self.init(
      time: Timestamp((whole * 1_000 + fraction) * 1_000), fraction: 6,
      cpu: CPU(UInt32(numbers[1])), thread: ThreadID(thread), process: nil,
      waking: Self.waking(raw: numbers[0]), nameEnd: position)
  }

  /// `CPU 0/KVM  4711  1000.915620: `.
  init?(noCPU text: Bytes, _ begin: Int, colon: Int) {
    var position = colon
    guard let (time, fraction) = Self.time(text, &position, above: begin), fraction > 0,
      position > begin, text.byte(position - 1).isSpace
    else { return nil }
    text.skipSpacesBackward(&position, above: begin)
    guard let task = TaskText(text, begin, &position) else { return nil }
    self.init(
      time: time, fraction: fraction, cpu: .unknown, thread: task.thread, process: task.process,
      waking: .unknown, nameEnd: position)
    isAlone = task.isAlone
  }
}
