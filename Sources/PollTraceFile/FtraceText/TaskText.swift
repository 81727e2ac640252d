internal import PollTrace

/// `-PID (TGID)` or ` PID/TID`, read from the right.
struct TaskText {
  var thread: ThreadID
  var process: ProcessID?
  /// Whether it is a number alone, as perf prints it: of a thread, or of a process.
  var isAlone = false

  @inline(__always)
  init?(_ text: Bytes, _ begin: Int, _ position: inout Int) {
    if position > begin, text.byte(position &- 1) == 0x29 {
      // (TGID), or (-------) where it is not known.
      position &-= 1
      if let number = text.numberBackward(&position, above: begin) {
        guard number <= UInt64(Int32.max) else { return nil }
        process = ProcessID(Int32(number))
      } else {
        while position > begin, text.byte(position &- 1) == 0x2d { position &-= 1 }
      }
      text.skipSpacesBackward(&position, above: begin)
      guard position > begin, text.byte(position &- 1) == 0x28 else { return nil }
      position &-= 1
      text.skipSpacesBackward(&position, above: begin)
    }
    guard let number = text.numberBackward(&position, above: begin), number <= UInt64(Int32.max)
    else { return nil }
    thread = ThreadID(Int32(number))
    // perf prints no name where it is not asked for one.
    guard position > begin else { return }
    switch text.byte(position &- 1) {
    case 0x2d: position &-= 1
    case 0x20, 0x09:
      position &-= 1
      isAlone = true
    case 0x2f:
      position &-= 1
      guard let number = text.numberBackward(&position, above: begin),
        number <= UInt64(Int32.max), position == begin || text.byte(position &- 1).isSpace
      else { return nil }
      process = ProcessID(Int32(number))
    default: return nil
    }
  }
}
